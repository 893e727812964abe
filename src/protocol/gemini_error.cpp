#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/json.h"
#include "protocol/error_text.h"
#include "protocol/gemini.h"
#include "protocol/json_fields.h"

namespace atonce::protocol::gemini {
namespace {

using json::Kind;
using json::View;

// The error object of a body, bare or in an array of one.
std::optional<View> find_error(const View& root) {
  if (!root.is(Kind::array)) return root.find("error");
  for (const View& item : root.items()) {
    if (const auto error = item.find("error")) return error;
  }
  return std::nullopt;
}

std::optional<View> find_detail(const View& error, std::string_view type) {
  const auto details = error.find("details");
  if (!details) return std::nullopt;
  for (const View& detail : details->items()) {
    if (text_of(detail.find("@type")).ends_with(type)) return detail;
  }
  return std::nullopt;
}

// What the body says, in Google's words where it has them.
struct Told {
  std::string status = {};    // "RESOURCE_EXHAUSTED"
  std::string message = {};   // one line
  std::string reason = {};    // of google.rpc.ErrorInfo: "API_KEY_INVALID"
  bool is_for_today = false;  // a quota of the day is used up; the delay it comes with is no help
};

bool has_daily_quota(const View& error) {
  const auto failure = find_detail(error, "google.rpc.QuotaFailure");
  const auto violations = failure ? failure->find("violations") : std::nullopt;
  return violations && std::ranges::any_of(violations->items(), [](const View& violation) {
           return text_of(violation.find_either("quotaId", "quota_id")).contains("PerDay");
         });
}

Told read_told(std::string_view body) {
  const auto document = json::Document::parse(body);
  const auto error = document ? find_error(document->root()) : std::nullopt;
  if (!error) return {};
  if (const auto text = error->as_string()) return {.message = one_line(*text)};
  Told told{.status = one_line(text_of(error->find("status"))),
            .message = one_line(text_of(error->find("message")))};
  if (told.status.empty()) told.status = one_line(text_of(error->find("code")));  // newer APIs
  if (const auto info = find_detail(*error, "google.rpc.ErrorInfo")) {
    told.reason = text_of(info->find("reason"));
  }
  told.is_for_today = has_daily_quota(*error);
  return told;
}

bool is_about_the_key(int status, const Told& told) {
  return status == 401 || told.reason.starts_with("API_KEY_") ||
         told.message.contains("API key not valid") || told.message.contains("API key expired") ||
         told.message.contains("API Key not found");
}

ErrorCode code_of(int status, const Told& told) {
  if (is_about_the_key(status, told) || status == 403) return ErrorCode::unauthorized;
  if (status == 404) return ErrorCode::not_found;
  if (told.is_for_today) return ErrorCode::refused;
  if (status == 408 || status == 504) return ErrorCode::timed_out;
  if (status == 429 || status >= 500) return ErrorCode::unavailable;
  if (status / 100 == 3) return ErrorCode::bad_response;
  return ErrorCode::refused;
}

std::string message_of(int status, std::string_view body, const Told& told) {
  const std::string answered = " answered " + std::to_string(status);
  if (!told.message.empty() || !told.status.empty()) {
    std::string message = "Gemini" + answered;
    if (!told.status.empty()) message += " " + told.status;
    return told.message.empty() ? message : message + ": " + told.message;
  }
  const std::string text = one_line(body);
  if (text.empty()) return "the server" + answered + " and nothing else";
  if (text.starts_with('<')) {
    return "the server" + answered + " with a web page, not with Gemini's error form";
  }
  return "the server" + answered + ": " + text;
}

std::string hint_of(int status, std::string_view body, const Told& told, std::string_view model) {
  if (is_about_the_key(status, told)) {
    return "get a key at https://aistudio.google.com/apikey and set GEMINI_API_KEY to it";
  }
  if (status == 403) return "check what the key in GEMINI_API_KEY may use";
  if (status == 404 && told.status.empty()) {
    return "check the base address of the API (GOOGLE_GEMINI_BASE_URL)";
  }
  if (status == 404 && !model.empty()) {
    return "check the model's name `" + std::string(model) + "`; gemini-flash-latest is one";
  }
  if (told.is_for_today) {
    return "the day's quota of the key for this model is used up: go on tomorrow, or use another "
           "model or key";
  }
  if (status == 429) {
    const auto delay = read_retry_delay(body);
    return delay
               ? "the quota of the key is used up; it may be asked again in " + seconds_text(*delay)
               : "the quota of the key is used up: wait, or use another model or key";
  }
  if (status >= 500 || status == 408) return "the server has a problem of its own: try again later";
  if (status / 100 == 3) return "redirects are not followed: correct GOOGLE_GEMINI_BASE_URL";
  return "";
}

// "34.07s"
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool is_whole = end == text.data() + text.size() - 1 && text.ends_with('s');
  if (error != std::errc{} || !is_whole || !(seconds >= 0) || seconds > 1e9) return std::nullopt;
  return std::chrono::milliseconds(std::llround(std::ceil(seconds * 1000)));
}

}  // namespace

Error read_error(int status, std::string_view body, std::string_view model) {
  const Told told = read_told(body);
  return {code_of(status, told), message_of(status, body, told),
          hint_of(status, body, told, model)};
}

std::optional<std::chrono::milliseconds> read_retry_delay(std::string_view body) {
  const auto document = json::Document::parse(body);
  const auto error = document ? find_error(document->root()) : std::nullopt;
  const auto info = error ? find_detail(*error, "google.rpc.RetryInfo") : std::nullopt;
  if (!info) return std::nullopt;
  return parse_duration(text_of(info->find_either("retryDelay", "retry_delay")));
}

}  // namespace atonce::protocol::gemini
