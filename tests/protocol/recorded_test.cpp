// Every recorded exchange, counted: how many turns, calls, bytes of visible text, signatures and
// errors it holds, once by a plain count of its JSON in this file and once by the wire's readers,
// and both against the table below. Each body whose exact bytes were kept is also read as a stream
// in every split. What the values are, and that nothing is lost on the way back, is looked at by
// the tests of the single wires.
//
// The recordings of the Live API (WebSocket) are not read: atonce does not speak it.
#include "protocol/recorded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/golden.h"
#include "protocol/interactions.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_responses.h"
#include "protocol/streamed.h"

namespace atonce::protocol {
namespace {

using golden::items_of;
using golden::text_of;
using json::Kind;
using json::View;

struct Holds {
  std::size_t turns = 0;
  std::size_t errors = 0;  // reported by the server, or an answer of another API
  std::size_t calls = 0;
  std::size_t text_bytes = 0;
  std::size_t signatures = 0;

  Holds& operator+=(const Holds& other) {
    turns += other.turns;
    errors += other.errors;
    calls += other.calls;
    text_bytes += other.text_bytes;
    signatures += other.signatures;
    return *this;
  }
  friend bool operator==(const Holds&, const Holds&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Holds& holds) {
    return out << holds.turns << " turns, " << holds.errors << " errors, " << holds.calls
               << " calls, " << holds.text_bytes << " bytes of text, " << holds.signatures
               << " signatures";
  }
};

// Of thoughts, whatever the wire calls them, at any depth.
std::size_t count_signatures(const View& view) {
  std::size_t count = 0;
  for (const View& item : view.items()) count += count_signatures(item);
  for (const auto& [key, value] : view.members()) {
    const bool is_one = key == "thoughtSignature" || key == "thought_signature" ||
                        key == "signature" || key == "encrypted_content";
    count += is_one && !value.as_string().value_or("").empty() ? 1 : 0;
    count += count_signatures(value);
  }
  return count;
}

void count_gemini(Holds& holds, const View& response) {
  const auto candidates = items_of(response, "candidates");
  const auto content = candidates.empty() ? std::nullopt : candidates.front().find("content");
  if (!content) return;
  holds.signatures += count_signatures(*content);
  for (const View& part : items_of(*content, "parts")) {
    const bool is_thought = part.find("thought") && part.find("thought")->raw() == "true";
    if (!is_thought) holds.text_bytes += text_of(part, "text").size();
    // The pieces of a call that is sent in pieces have no name.
    const auto call = part.find("functionCall");
    holds.calls += call && !text_of(*call, "name").empty() ? 1 : 0;
  }
}

void count_interaction(Holds& holds, const View& answer) {
  holds.signatures += count_signatures(answer);
  std::vector<View> steps = items_of(answer, "steps");
  if (const auto begun = answer.find("step")) steps.push_back(*begun);
  for (const View& step : steps) {
    holds.calls += text_of(step, "type") == "function_call" ? 1 : 0;
    for (const View& part : items_of(step, "content")) {
      holds.text_bytes += text_of(part, "text").size();
    }
  }
  if (const auto delta = answer.find("delta")) holds.text_bytes += text_of(*delta, "text").size();
}

void count_chat(Holds& holds, const View& answer) {
  const auto choices = items_of(answer, "choices");
  const View choice = choices.empty() ? answer : choices.front();
  const auto whole = choice.find("message");
  const auto message = whole ? whole : choice.find("delta");
  if (!message) return;
  holds.signatures += count_signatures(*message);
  holds.text_bytes += text_of(*message, "content").size();
  // In a stream, the first piece of a call has its id, and of a call in the old form its name.
  for (const View& call : items_of(*message, "tool_calls")) {
    holds.calls += whole || !text_of(call, "id").empty() ? 1 : 0;
  }
  const auto old_form = message->find("function_call");
  holds.calls += old_form && !text_of(*old_form, "name").empty() ? 1 : 0;
}

void count_response(Holds& holds, const View& answer) {
  const auto last = answer.find("response");
  const std::string type = text_of(answer, "type");
  if (last && type != "response.completed" && type != "response.incomplete") return;
  for (const View& item : items_of(last ? *last : answer, "output")) {
    holds.signatures += count_signatures(item);
    const std::string item_type = text_of(item, "type");
    holds.calls += item_type == "function_call" || item_type == "custom_tool_call" ? 1 : 0;
    for (const View& part : items_of(item, "content")) {
      if (text_of(part, "type") == "output_text") {
        holds.text_bytes += text_of(part, "text").size();
      }
    }
  }
}

bool is_an_end(const View& event) {
  const std::string type = text_of(event, "type");
  return type == "response.completed" || type == "response.incomplete";
}

// The JSON of a body: itself, the elements of an array, or every event's data up to the end of the
// first response (one recording holds four in a row).
std::vector<json::Document> documents_of(const std::string& body) {
  std::vector<json::Document> documents;
  const auto add = [&](std::string_view text) {
    auto document = json::Document::parse(text);
    EXPECT_TRUE(document) << text;
    if (document) documents.push_back(*std::move(document));
  };
  if (const auto whole = json::Document::parse(body)) {
    if (whole->root().is(Kind::object)) add(body);
    for (const View& element : whole->root().items()) add(element.raw());
    return documents;
  }
  std::istringstream lines(body + "\n\n");
  std::string data;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.starts_with("data:") && line != "data: [DONE]") data += line.substr(5) + "\n";
    if (!line.empty() || data.empty()) continue;
    add(std::exchange(data, ""));
    if (is_an_end(documents.back().root())) break;
  }
  return documents;
}

struct WireUnderTest {
  const char* kind;
  bool is_responses;
  void (*count)(Holds&, const View&);
  Result<ModelTurn> (*read)(std::string_view);
  MakeReader make_reader;
};

Holds count_plainly(const WireUnderTest& wire, const std::vector<json::Document>& documents) {
  Holds holds{.turns = 1};
  for (const auto& document : documents) {
    const auto error = document.root().find("error");
    // A call that the server itself found malformed is a turn that can be asked for once more.
    if (error && text_of(*error, "code") == "tool_use_failed") return holds;
    if (error && error->is(Kind::object)) return {.errors = 1};
    wire.count(holds, document.root());
  }
  return holds;
}

Holds count_turn(const Result<ModelTurn>& turn) {
  if (!turn) return {.errors = 1};
  Holds holds{.turns = 1, .calls = turn->calls.size(), .text_bytes = turn->text.size()};
  if (const auto raw = json::Document::parse(turn->raw_content)) {
    holds.signatures = count_signatures(raw->root());
  }
  return holds;
}

// An answer that is one JSON says the same to the reader of streams, split anywhere, except that a
// stream's end must be told.
void check_unary_in_every_split(const WireUnderTest& wire, const std::string& body,
                                const Result<ModelTurn>& turn) {
  const Streamed streamed = stream_in_every_split(wire.make_reader, body);
  if (!streamed.turn) {
    const bool is_without_end = turn && streamed.turn.error().message.contains("broke off");
    EXPECT_TRUE(!turn || is_without_end) << streamed.turn.error().message;
    return;
  }
  ASSERT_TRUE(turn) << turn.error().message;
  EXPECT_EQ(streamed.turn->text, turn->text);
  EXPECT_EQ(streamed.turn->calls, turn->calls);
  EXPECT_EQ(streamed.turn->finish, turn->finish);
  EXPECT_EQ(streamed.told.text(), turn->text);
  EXPECT_TRUE(std::ranges::is_permutation(streamed.told.calls, turn->calls));
}

// What the wire's reader makes of the exchange, in every split if the bytes are the server's.
Holds count_read(const WireUnderTest& wire, const RecordedExchange& exchange, bool is_stream) {
  if (!is_stream) {
    const auto turn = wire.read(exchange.body);
    if (exchange.is_wire_text) check_unary_in_every_split(wire, exchange.body, turn);
    return count_turn(turn);
  }
  const Streamed streamed =
      exchange.is_wire_text
          ? stream_in_every_split(wire.make_reader, exchange.body)
          : stream(wire.make_reader, exchange.body, [] { return std::size_t{4096}; });
  if (streamed.turn) {
    EXPECT_EQ(streamed.told.calls.size(), streamed.turn->calls.size());
  }
  return count_turn(streamed.turn);
}

struct Row {
  WireUnderTest wire;
  std::size_t exchanges;
  std::size_t in_every_split;
  Holds holds;
};

std::vector<Row> table() {
  const WireUnderTest gemini{"unary", false, count_gemini, gemini::read_response,
                             gemini::make_stream_reader};
  WireUnderTest gemini_stream = gemini;
  gemini_stream.kind = "streaming";
  const WireUnderTest interactions{"interactions", false, count_interaction,
                                   interactions::read_response, interactions::make_stream_reader};
  const WireUnderTest chat{"openai", false, count_chat, openai_chat::read_response,
                           openai_chat::make_stream_reader};
  const WireUnderTest responses{"openai", true, count_response, openai_responses::read_response,
                                openai_responses::make_stream_reader};
  return {
      {gemini, 189, 65, {178, 11, 128, 11022, 132}}, {gemini_stream, 63, 25, {61, 2, 58, 6528, 22}},
      {interactions, 7, 4, {7, 0, 2, 429, 7}},       {chat, 171, 107, {171, 0, 120, 23247, 0}},
      {responses, 153, 98, {152, 1, 62, 23706, 35}},
  };
}

TEST(Recorded, EveryExchangeHoldsWhatTheTableSaysAndIsReadAsThat) {
  if (recorded_files("unary").empty()) GTEST_SKIP() << kRecordedAbsent;
  for (const Row& row : table()) {
    SCOPED_TRACE(std::string(row.wire.kind) + (row.wire.is_responses ? ", Responses" : ""));
    std::size_t exchanges = 0;
    std::size_t in_every_split = 0;
    Holds all;
    for (const RecordedExchange& exchange : recorded_exchanges(row.wire.kind)) {
      if (exchange.url.contains("/responses") != row.wire.is_responses) continue;
      SCOPED_TRACE(exchange.file);
      const auto documents = documents_of(exchange.body);
      const bool is_stream =
          row.wire.kind == std::string("streaming") || !json::Document::parse(exchange.body);
      const Holds read = count_read(row.wire, exchange, is_stream);
      Holds plain = count_plainly(row.wire, documents);
      // An image API's answer, which is none of ours.
      if (documents.front().root().find("predictions")) plain = {.errors = 1};
      EXPECT_EQ(read, plain);
      all += read;
      ++exchanges;
      in_every_split += exchange.is_wire_text ? 1 : 0;
    }
    EXPECT_EQ(exchanges, row.exchanges);
    EXPECT_EQ(in_every_split, row.in_every_split);
    EXPECT_EQ(all, row.holds);
  }
}

}  // namespace
}  // namespace atonce::protocol
