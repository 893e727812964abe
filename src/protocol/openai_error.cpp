#include "protocol/openai_error.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "protocol/error_text.h"
#include "protocol/gemini.h"

namespace atonce::protocol::openai {
namespace {

using json::Kind;
using json::View;

// What an error says, each in one line.
struct Told {
  std::string message = {};
  std::string code = {};  // "invalid_api_key"; a number stays out
  std::string type = {};  // "invalid_request_error"
  int status = 0;         // 0: it names none
};

std::string text_of(const std::optional<View>& view) {
  return one_line(view ? view->as_string().value_or("") : "");
}

int status_of(const View& error) {
  for (const char* key : {"status_code", "code", "status"}) {
    const auto number = error.find(key) ? error.find(key)->as_int64() : std::nullopt;
    if (number && *number >= 100 && *number < 600) return static_cast<int>(*number);
  }
  return 0;
}

// OpenRouter and its like keep the words of the provider behind them in `metadata.raw`.
std::string with_source(std::string message, const View& error) {
  const auto metadata = error.find("metadata");
  const std::string raw = metadata ? text_of(metadata->find("raw")) : "";
  return raw.empty() ? message : message + ": " + raw;
}

Told read_object(const View& error) {
  Told told{.message = text_of(error.find("message")),
            .code = text_of(error.find("code")),
            .type = text_of(error.find("type")),
            .status = status_of(error)};
  if (const auto message = error.find("message"); message && message->is(Kind::object)) {
    told.message = one_line(message->raw());  // Mistral puts a list of problems here
  }
  const bool is_number = !told.code.empty() && error.find("code")->as_int64();  // "429" as a text
  if (is_number) told.code.clear();
  if (told.code.empty()) told.code = text_of(error.find("status"));  // Google's word
  told.message = with_source(std::move(told.message), error);
  return told;
}

Told read_told(const View& root) {
  if (root.is(Kind::array)) {
    for (const View& item : root.items()) {
      if (item.is(Kind::object)) return read_told(item);
    }
    return {};
  }
  const auto error = root.find("error");
  if (error && error->is(Kind::object)) return read_object(*error);
  if (error && error->is(Kind::string)) {
    return {.message = text_of(error), .status = status_of(root)};
  }
  if (const auto detail = root.find("detail")) {
    return {.message = detail->is(Kind::string) ? text_of(detail) : one_line(detail->raw())};
  }
  return read_object(root);
}

Told parse_told(std::string_view body) {
  const auto document = json::Document::parse(body);
  return document ? read_told(document->root()) : Told{};
}

std::string_view word_of(const Told& told) { return told.code.empty() ? told.type : told.code; }

bool has_no_credit(const Told& told) {
  return told.code == "insufficient_quota" || told.type == "insufficient_quota" ||
         told.code == "billing_hard_limit_reached";
}

// "model not found" comes with 404, and from some servers with 400.
bool lacks_model(int status, const Told& told) {
  return told.code == "model_not_found" || told.code == "DeploymentNotFound" ||
         (status == 404 && told.message.contains("model"));
}

// The server could not read the call that its model wrote: Groq, Ollama, llama.cpp's server. The
// latter two say so with 500, but it is the answer that failed, not the server.
bool is_of_failed_call(const Told& told) {
  return told.code == "tool_use_failed" || told.message.starts_with("error parsing tool call") ||
         told.message.starts_with("Failed to parse tool call arguments as JSON");
}

// llama.cpp's server and vLLM take functions only when they were started with an option.
std::string_view missing_option(const Told& told) {
  if (told.message.contains("requires --jinja")) return "--jinja";
  if (told.message.contains("--enable-auto-tool-choice")) {
    return "--enable-auto-tool-choice and --tool-call-parser";
  }
  return "";
}

bool is_too_long(const Told& told) {
  return told.code == "context_length_exceeded" || told.type == "exceed_context_size_error" ||
         told.message.contains("maximum context length") ||
         told.message.contains("exceeds the available context size");
}

bool has_no_functions(const Told& told) {
  return told.message.contains("does not support tools") ||
         told.message.contains("support tool use");
}

ErrorCode code_of(int status, const Told& told) {
  if (status == 401 || status == 403 || told.code == "invalid_api_key" ||
      told.message.contains("API key not valid")) {
    return ErrorCode::unauthorized;
  }
  if (has_no_credit(told) || status == 402) return ErrorCode::refused;
  if (is_of_failed_call(told) || !missing_option(told).empty() || has_no_functions(told)) {
    return ErrorCode::refused;
  }
  if (status == 404 || lacks_model(status, told)) return ErrorCode::not_found;
  if (status == 408 || status == 504) return ErrorCode::timed_out;
  if (status == 409 || status == 429 || status >= 500) return ErrorCode::unavailable;
  if (status / 100 == 3) return ErrorCode::bad_response;
  return ErrorCode::refused;
}

std::string hint_of(int status, std::string_view body, const Told& told, std::string_view model) {
  switch (code_of(status, told)) {
    case ErrorCode::unauthorized:
      return "set OPENAI_API_KEY to a key that this server takes (OPENAI_BASE_URL says which "
             "server)";
    case ErrorCode::not_found:
      if (!lacks_model(status, told) || model.empty()) {
        return "check the base address of the API (OPENAI_BASE_URL), which often ends in /v1";
      }
      return "check the model's name `" + std::string(model) + "`";
    case ErrorCode::bad_response: return "redirects are not followed: correct OPENAI_BASE_URL";
    case ErrorCode::timed_out: return "the server took too long: try again later";
    case ErrorCode::unavailable: {
      const auto delay = read_retry_delay(body);
      if (delay) return "it may be asked again in " + seconds_text(*delay);
      return status == 429 ? "too many requests for this key: wait, or use another model or key"
                           : "the server has a problem of its own: try again later";
    }
    default: break;
  }
  if (has_no_credit(told) || status == 402) {
    return "the account of the key has no credit left: add some, or use another key or model";
  }
  if (is_too_long(told)) {
    return "the conversation is longer than this model can read: start a new one";
  }
  if (has_no_functions(told)) return "choose a model that can call functions";
  if (const std::string_view option = missing_option(told); !option.empty()) {
    return "start the server with " + std::string(option);
  }
  return "";
}

std::string message_of(std::string subject, std::string_view body, const Told& told) {
  const std::string_view word = word_of(told);
  if (!word.empty()) subject += " " + std::string(word);
  if (!told.message.empty()) return subject + ": " + told.message;
  const std::string text = one_line(body);
  if (!word.empty()) return subject;
  if (text.empty()) return subject + " and nothing else";
  if (text.starts_with('<')) return subject + " with a web page, not with an error in JSON";
  return subject + ": " + text;
}

// The status that the server would have answered, had it known in time.
int guess_status(const Told& told) {
  if (told.status != 0) return told.status;
  for (const std::string_view word : {std::string_view(told.code), std::string_view(told.type)}) {
    if (word.contains("rate_limit") || word.contains("quota")) return 429;
    if (word.contains("authentication") || word == "invalid_api_key") return 401;
    if (word.contains("invalid_request") || word == "content_filter") return 400;
    if (word.contains("not_found")) return 404;
    if (word.contains("timeout")) return 504;
  }
  return 500;
}

// The unit that `text` starts with, in milliseconds; 0 if it starts with none.
double take_unit(std::string_view& text) {
  struct Unit {
    std::string_view name;
    double ms;
  };
  for (const Unit& unit : {Unit{"ms", 1}, Unit{"s", 1e3}, Unit{"m", 60e3}, Unit{"h", 3600e3}}) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return unit.ms;
  }
  return 0;
}

// "345ms", "1.5s", "6m0s" at the start of `text`; one more word may follow.
std::optional<std::chrono::milliseconds> parse_wait(std::string_view text) {
  double total = 0;
  bool has_any = false;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with(" s")) text.remove_prefix(1);  // "20 seconds"
    const double unit = take_unit(text);
    if (unit == 0) return std::nullopt;
    total += number * unit;
    has_any = true;
  }
  if (!has_any || total > 1e12) return std::nullopt;
  return std::chrono::milliseconds(std::llround(std::ceil(total)));
}

}  // namespace

Error read_error(int status, std::string_view body, std::string_view model) {
  const Told told = parse_told(body);
  return {code_of(status, told),
          message_of("the server answered " + std::to_string(status), body, told),
          hint_of(status, body, told, model)};
}

bool is_error(const View& answer) {
  const auto error = answer.find("error");
  if (error && (error->is(Kind::object) || !error->as_string().value_or("").empty())) return true;
  const auto type = answer.find("type");
  return type && type->as_string() == "error";
}

Error read_reported_error(const View& answer) {
  const Told told = read_told(answer);
  const int status = guess_status(told);
  const std::string subject =
      word_of(told).empty() ? "the server reported an error" : "the server reported";
  return {code_of(status, told), message_of(subject, answer.raw(), told),
          hint_of(status, answer.raw(), told, "")};
}

std::optional<std::chrono::milliseconds> read_retry_delay(std::string_view body) {
  if (const auto delay = gemini::read_retry_delay(body)) return delay;
  constexpr std::string_view kWords = "try again in ";
  const std::string message = parse_told(body).message;
  const auto at = message.find(kWords);
  if (at == std::string::npos) return std::nullopt;
  return parse_wait(std::string_view(message).substr(at + kWords.size()));
}

bool blames(std::string_view body, std::initializer_list<std::string_view> names) {
  const auto document = json::Document::parse(body);
  if (!document) return false;
  const auto error = document->root().find("error");
  const std::string param = error ? text_of(error->find("param")) : "";
  const std::string message = read_told(document->root()).message;
  return std::ranges::any_of(
      names, [&](std::string_view name) { return param == name || message.contains(name); });
}

std::optional<ModelTurn> read_failed_call(int status, std::string_view body) {
  const auto document = json::Document::parse(body);
  if ((status != 400 && status != 500) || !document) return std::nullopt;
  return read_failed_call(document->root());
}

std::optional<ModelTurn> read_failed_call(const View& answer) {
  const Told told = read_told(answer);
  if (!is_of_failed_call(told)) return std::nullopt;
  const auto error = answer.find("error");
  const std::string generation = error ? text_of(error->find("failed_generation")) : "";
  std::string detail = told.code.empty() ? "" : told.code + ": ";
  detail += generation.empty() ? told.message : generation;
  return ModelTurn{.finish = Finish::malformed_call, .finish_detail = std::move(detail)};
}

}  // namespace atonce::protocol::openai
