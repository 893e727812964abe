// Every recorded generateContent request that holds tool results, held against the one that we send
// for the same history: both must mean the same. A meaning is one JSON array with an element for
// each content:
//   {"model": the content, byte for byte}
//   {"user": its texts joined, "files": [[media type, base64], ...]}
//   {"results": [{name, id, value | error, files}, ...]}
// What it makes equal, and nothing else: the two spellings of names and the two alphabets of
// base64; the texts of one content; results that a client sent in contents that follow each other;
// a result's value v as {"output": v}, {"result": v} or {"return_value": v}, any other object being
// the value itself; and, beside files, {} and {"$ref": name}. Files that are only named by an
// address are left out, because atonce has none such. The system instruction, declarations and
// settings are no history and are not looked at.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/golden.h"
#include "protocol/meaning.h"
#include "protocol/recorded.h"
#include "protocol/same_json.h"

namespace atonce::protocol {
namespace {

using golden::items_of;
using golden::text_of;
using json::Kind;
using json::View;

std::vector<View> parts_of(const View& content) {
  const auto parts = content.find("parts");
  return parts && parts->is(Kind::object) ? std::vector{*parts} : items_of(content, "parts");
}

std::optional<View> result_of(const View& part) {
  return part.find_either("functionResponse", "function_response");
}

bool has_results(const View& content) {
  return std::ranges::any_of(parts_of(content),
                             [](const View& part) { return result_of(part).has_value(); });
}

// The files of parts, in the standard alphabet.
void write_files(json::Writer& writer, const std::vector<View>& parts) {
  writer.key("files").begin_array();
  for (const View& part : parts) {
    const auto blob = part.find_either("inlineData", "inline_data");
    if (!blob) continue;
    std::string data = text_of(*blob, "data");
    std::ranges::replace(data, '-', '+');
    std::ranges::replace(data, '_', '/');
    write_file(writer, {.media_type = string_of(blob->find_either("mimeType", "mime_type")),
                        .data = std::move(data)});
  }
  writer.end_array();
}

void write_result(json::Writer& writer, const View& result) {
  const View response = result.find("response").value();
  const auto members = response.members();
  const std::string key(members.size() == 1 ? members.front().key : "");
  writer.begin_object().key("name").string(text_of(result, "name"));
  writer.key("id").string(text_of(result, "id"));
  if (key == "error" && members.front().value.is(Kind::string)) {
    writer.key("error").raw(members.front().value.raw());
  } else {
    const bool is_wrapped = key == "output" || key == "result" || key == "return_value";
    const View value = is_wrapped ? members.front().value : response;
    const bool is_file = result.find("parts") && (members.empty() || value.find("$ref"));
    writer.key("value").raw(is_file ? "null" : value.raw());
  }
  write_files(writer, items_of(result, "parts"));
  writer.end_object();
}

std::string meaning_of(const View& contents) {
  json::Writer writer;
  writer.begin_array();
  bool is_open = false;  // a message of results
  for (const View& content : contents.items()) {
    if (is_open && !has_results(content)) writer.end_array().end_object();
    const bool goes_on = std::exchange(is_open, has_results(content)) && is_open;
    if (is_open) {
      if (!goes_on) writer.begin_object().key("results").begin_array();
      for (const View& part : parts_of(content)) write_result(writer, result_of(part).value());
    } else if (text_of(content, "role") == "model") {
      writer.begin_object().key("model").string(content.raw()).end_object();
    } else {
      std::string text;
      for (const View& part : parts_of(content)) text += text_of(part, "text");
      writer.begin_object().key("user").string(text);
      write_files(writer, parts_of(content));
      writer.end_object();
    }
  }
  if (is_open) writer.end_array().end_object();
  writer.end_array();
  return writer.take();
}

// As a function returns it: a file is a value of its own.
call::Outcome read_outcome(const View& result) {
  if (result.find("error")) return call::Invalid{"invalid_arguments", text_of(result, "error")};
  const std::vector<Media> files = read_files(result);
  if (files.empty()) return call::Returned{std::string(result.find("value")->raw())};
  EXPECT_EQ(files.size(), 1U);
  return call::Returned{json::Writer()
                            .begin_object()
                            .key("media_type")
                            .string(files.front().media_type)
                            .key("data")
                            .string(files.front().data)
                            .end_object()
                            .take()};
}

// The history that has this meaning. The engine's own ids are other than the model's.
std::vector<Message> history_of(const View& meaning) {
  std::vector<Message> messages;
  for (const View& element : meaning.items()) {
    if (const auto content = element.find("model")) {
      auto turn =
          gemini::read_response(R"({"candidates":[{"content":)" + string_of(content) + "}]}");
      EXPECT_TRUE(turn);
      messages.emplace_back(*std::move(turn));
    } else if (element.find("results")) {
      FunctionResults results;
      for (const View& result : items_of(element, "results")) {
        results.calls.push_back({.call = {"engine's own", text_of(result, "name"), "{}"},
                                 .outcome = read_outcome(result)});
      }
      messages.emplace_back(std::move(results));
    } else {
      messages.emplace_back(UserText{text_of(element, "user"), read_files(element)});
    }
  }
  return messages;
}

// Files that the server fetches from an address, which no history of ours has. All else of these
// requests is compared.
bool has_address(const View& contents) {
  return contents.raw().contains("\"fileData\"") || contents.raw().contains("\"file_data\"");
}

std::string model_of(const std::string& url) {
  const auto begin = url.find("models/");
  return begin == std::string::npos ? "" : url.substr(begin + 7, url.find(':', begin) - begin - 7);
}

struct Compared {
  std::size_t requests = 0;
  std::size_t results = 0;
  std::size_t with_address = 0;
};

Compared compare(const std::string& kind) {
  Compared compared;
  for (const RecordedExchange& exchange : recorded_exchanges(kind)) {
    SCOPED_TRACE(exchange.file);
    const auto contents =
        exchange.request_body ? exchange.request_body->find("contents") : std::nullopt;
    if (!contents || std::ranges::none_of(contents->items(), has_results)) continue;
    compared.with_address += has_address(*contents) ? 1 : 0;
    const auto meaning = json::Document::parse(meaning_of(*contents));
    EXPECT_TRUE(meaning);
    if (!meaning) continue;
    const std::vector<Message> messages = history_of(meaning->root());

    const auto sent = json::Document::parse(gemini::write_request(
        {.messages = messages, .tools = {}}, {.model = model_of(exchange.url)}));

    EXPECT_TRUE(sent);
    if (!sent) continue;
    EXPECT_TRUE(
        same_json(meaning_of(sent->root().find("contents").value()), meaning->root().raw()));
    ++compared.requests;
    for (const View& element : meaning->root().items()) {
      compared.results += items_of(element, "results").size();
    }
  }
  return compared;
}

TEST(GeminiRecordedRequest, MeansTheSameAsTheOneThatWeSendForTheSameHistory) {
  if (recorded_files("unary").empty()) GTEST_SKIP() << kRecordedAbsent;

  const Compared unary = compare("unary");
  const Compared streaming = compare("streaming");

  EXPECT_EQ(unary.requests, 81U);
  EXPECT_EQ(unary.results, 121U);
  EXPECT_EQ(unary.with_address, 9U);
  EXPECT_EQ(streaming.requests, 6U);
  EXPECT_EQ(streaming.results, 7U);
  EXPECT_EQ(streaming.with_address, 0U);
}

}  // namespace
}  // namespace atonce::protocol
