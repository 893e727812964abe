#include "protocol/transcript.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/json.h"
#include "protocol/json_fields.h"
#include "protocol/turn_json.h"

namespace atonce::protocol {
namespace {

using json::Kind;
using json::View;

constexpr std::int64_t kVersion = 1;

constexpr std::array<std::pair<Wire, std::string_view>, 5> kWires{{
    {Wire::none, "none"},
    {Wire::gemini, "gemini"},
    {Wire::interactions, "interactions"},
    {Wire::openai_chat, "openai_chat"},
    {Wire::openai_responses, "openai_responses"},
}};

constexpr std::array<std::pair<Finish, std::string_view>, 6> kFinishes{{
    {Finish::stop, "stop"},
    {Finish::length, "length"},
    {Finish::blocked, "blocked"},
    {Finish::malformed_call, "malformed_call"},
    {Finish::unexpected_call, "unexpected_call"},
    {Finish::other, "other"},
}};

template <typename Table, typename Value>
std::string_view name_in(const Table& table, Value value) {
  return std::ranges::find(table, value, &Table::value_type::first)->second;
}

template <typename Table>
auto value_in(const Table& table, std::string_view name) {
  const auto at = std::ranges::find(table, name, &Table::value_type::second);
  return at == table.end() ? std::nullopt : std::optional(at->first);
}

// Valid JSON has line breaks only between its tokens.
std::string on_one_line(std::string json) {
  std::ranges::replace_if(json, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return json;
}

void write_question(json::Writer& writer, const UserText& question) {
  writer.begin_object().key("text").string(question.text);
  if (!question.files.empty()) {
    writer.key("files").begin_array();
    for (const Media& file : question.files) {
      writer.begin_object().key("name").string(file.name);
      writer.key("media_type").string(file.media_type).key("data").string(file.data).end_object();
    }
    writer.end_array();
  }
  writer.end_object();
}

UserText read_question(const View& view) {
  UserText question{.text = text_of(view, "text")};
  const auto files = view.find("files");
  for (const View& file : files ? files->items() : std::vector<View>{}) {
    question.files.push_back({.name = text_of(file, "name"),
                              .media_type = text_of(file, "media_type"),
                              .data = text_of(file, "data")});
  }
  return question;
}

void write_turn(json::Writer& writer, const ModelTurn& turn) {
  writer.begin_object().key("wire").string(name_in(kWires, turn.wire));
  if (!turn.raw_content.empty()) writer.key("content").raw(turn.raw_content);
  writer.key("text").string(turn.text).key("calls").begin_array();
  for (const call::Call& call : turn.calls) {
    write_call_members(writer.begin_object(), call);
    writer.end_object();
  }
  writer.end_array().key("finish").string(name_in(kFinishes, turn.finish));
  writer.key("detail").string(turn.finish_detail).key("model").string(turn.model);
  writer.key("response_id").string(turn.response_id).key("usage").begin_array();
  for (const std::int64_t count :
       {turn.usage.input_tokens, turn.usage.output_tokens, turn.usage.thought_tokens,
        turn.usage.cached_tokens, turn.usage.total_tokens}) {
    writer.integer(count);
  }
  writer.end_array().end_object();
}

std::optional<ModelTurn> read_turn_line(const View& view) {
  const auto wire = value_in(kWires, text_of(view, "wire"));
  const auto finish = value_in(kFinishes, text_of(view, "finish"));
  const auto calls = view.find("calls");
  if (!wire || !finish || !calls || !calls->is(Kind::array)) return std::nullopt;
  const auto content = view.find("content");
  ModelTurn turn{.wire = *wire,
                 .raw_content = std::string(content ? content->raw() : ""),
                 .text = text_of(view, "text"),
                 .finish = *finish,
                 .finish_detail = text_of(view, "detail"),
                 .model = text_of(view, "model"),
                 .response_id = text_of(view, "response_id")};
  for (const View& call : calls->items()) turn.calls.push_back(read_call_members(call));
  const auto usage = view.find("usage");
  const std::vector<View> counts = usage ? usage->items() : std::vector<View>{};
  std::size_t at = 0;
  for (std::int64_t* count :
       {&turn.usage.input_tokens, &turn.usage.output_tokens, &turn.usage.thought_tokens,
        &turn.usage.cached_tokens, &turn.usage.total_tokens}) {
    if (at < counts.size()) *count = counts[at++].as_int64().value_or(0);
  }
  return turn;
}

Result<FunctionResults> read_results(const View& view) {
  FunctionResults results;
  for (const View& item : view.items()) {
    auto finished = read_finished(item);
    if (!finished) return std::unexpected(finished.error());
    results.calls.push_back(*std::move(finished));
  }
  return results;
}

struct LineWriter {
  json::Writer& writer;

  void operator()(const UserText& it) const { write_question(writer.key("user"), it); }
  void operator()(const ModelTurn& it) const { write_turn(writer.key("model"), it); }
  void operator()(const FunctionResults& it) const {
    writer.key("results").begin_array();
    for (const call::Finished& finished : it.calls) write_finished(writer, finished);
    writer.end_array();
  }
};

Result<void> append(std::vector<Message>& messages, const View& line) {
  if (const auto question = line.find("user"); question && question->is(Kind::object)) {
    messages.emplace_back(read_question(*question));
    return {};
  }
  if (const auto answer = line.find("model"); answer && answer->is(Kind::object)) {
    auto turn = read_turn_line(*answer);
    if (!turn) return failure(ErrorCode::bad_input, "what the model said is not complete");
    messages.emplace_back(*std::move(turn));
    return {};
  }
  if (const auto calls = line.find("results"); calls && calls->is(Kind::array)) {
    auto results = read_results(*calls);
    if (!results) return std::unexpected(results.error());
    messages.emplace_back(*std::move(results));
    return {};
  }
  const auto forgotten = line.find("forgotten");
  const auto count = forgotten ? forgotten->as_int64() : std::nullopt;
  if (count && *count >= 0 && static_cast<std::size_t>(*count) <= messages.size()) {
    messages.resize(messages.size() - static_cast<std::size_t>(*count));
    return {};
  }
  return failure(ErrorCode::bad_input,
                 "this is no part of a conversation: " + std::string(line.raw().substr(0, 100)));
}

Result<void> read_header(const View& line) {
  const auto version = line.find("atonce_transcript");
  if (version && version->as_int64() == kVersion) return {};
  return failure(ErrorCode::bad_input,
                 version ? "this version of the format is not known: " + std::string(version->raw())
                         : "this is no transcript of atonce");
}

}  // namespace

std::string transcript_header() {
  json::Writer writer;
  writer.begin_object().key("atonce_transcript").integer(kVersion);
  return writer.end_object().take() + "\n";
}

std::string write_transcript_line(const Message& message) {
  json::Writer writer;
  writer.begin_object();
  std::visit(LineWriter{writer}, message);
  writer.end_object();
  return on_one_line(writer.take()) + "\n";
}

std::string write_forgotten_line(std::size_t count) {
  json::Writer writer;
  writer.begin_object().key("forgotten").integer(static_cast<std::int64_t>(count));
  return writer.end_object().take() + "\n";
}

Result<Transcript> read_transcript(std::string_view text) {
  Transcript transcript{};
  for (std::size_t number = 1; transcript.whole_bytes < text.size(); ++number) {
    const std::string_view rest = text.substr(transcript.whole_bytes);
    const std::size_t length = rest.find('\n');
    if (length == std::string_view::npos) break;
    const auto line = json::Document::parse(rest.substr(0, length));
    Result<void> read = line ? Result<void>{} : std::unexpected(line.error());
    if (read)
      read = number == 1 ? read_header(line->root()) : append(transcript.messages, line->root());
    if (!read) {
      return failure(ErrorCode::bad_input,
                     "line " + std::to_string(number) + ": " + read.error().message);
    }
    transcript.whole_bytes += length + 1;
  }
  return transcript;
}

}  // namespace atonce::protocol
