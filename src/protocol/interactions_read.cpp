#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/interactions.h"
#include "protocol/interactions_turn.h"
#include "protocol/json_fields.h"

namespace atonce::protocol::interactions {
namespace {

using json::Kind;
using json::View;

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The status that the server would have answered, had it known in time.
int guess_status(const View& error) {
  const auto code = error.find("code");
  const auto number = code ? code->as_int64() : std::nullopt;
  if (number && *number >= 100 && *number < 600) return static_cast<int>(*number);
  const std::string word = in_lower_case(text_of(error, "code") + " " + text_of(error, "status"));
  struct Known {
    std::string_view word;
    int status;
  };
  constexpr std::array<Known, 9> kKnown = {{{"invalid", 400},
                                            {"failed_precondition", 400},
                                            {"unauthenticated", 401},
                                            {"permission_denied", 403},
                                            {"not_found", 404},
                                            {"resource_exhausted", 429},
                                            {"rate_limit", 429},
                                            {"quota", 429},
                                            {"deadline", 504}}};
  const auto known =
      std::ranges::find_if(kKnown, [&](const Known& one) { return word.contains(one.word); });
  return known != kKnown.end() ? known->status : 500;
}

}  // namespace

bool is_call(const View& step) { return text_of(step, "type") == "function_call"; }

call::Call read_call(const View& step) {
  const auto arguments = step.find("arguments");
  const bool has_arguments = arguments && !arguments->is(Kind::null);
  return {.id = text_of(step, "id"),
          .name = text_of(step, "name"),
          .arguments = std::string(has_arguments ? arguments->raw() : "{}")};
}

std::string visible_text(const View& step) {
  if (text_of(step, "type") != "model_output") return "";
  const auto content = step.find("content");
  std::string text;
  for (const View& part : content ? content->items() : std::vector<View>{}) {
    if (text_of(part, "type") == "text") text += text_of(part, "text");
  }
  return text;
}

void take_frame(ModelTurn& turn, const View& interaction) {
  if (auto model = text_of(interaction, "model"); !model.empty()) turn.model = std::move(model);
  if (auto id = text_of(interaction, "id"); !id.empty()) turn.response_id = std::move(id);
  const auto usage = interaction.find("usage");
  if (!usage || !usage->is(Kind::object)) return;
  const auto count = [&](std::string_view key) { return count_of(*usage, key); };
  turn.usage = {.input_tokens = count("total_input_tokens"),
                .output_tokens = count("total_output_tokens"),
                .thought_tokens = count("total_thought_tokens"),
                .cached_tokens = count("total_cached_tokens"),
                .total_tokens = count("total_tokens")};
}

Result<void> set_finish(ModelTurn& turn, std::string_view status) {
  if (status == "in_progress" || status == "queued") {
    return failure(ErrorCode::bad_response,
                   "the interaction is not finished: " + std::string(status));
  }
  if (status == "failed") {
    return failure(ErrorCode::unavailable, "the interaction failed, and does not say why",
                   "the server has a problem of its own: try again later");
  }
  turn.finish_detail = status;
  if (status == "incomplete") {
    turn.finish = Finish::length;
  } else if (!status.empty() && status != "completed" && status != "requires_action") {
    turn.finish = Finish::other;
  }
  return {};
}

void add_steps(ModelTurn& turn, const std::vector<View>& steps) {
  for (const View& step : steps) {
    turn.text += visible_text(step);
    if (is_call(step)) turn.calls.push_back(read_call(step));
  }
}

Error read_reported_error(const View& answer) {
  const auto error = answer.find("error");
  return gemini::read_error(error ? guess_status(*error) : 500, answer.raw(), "");
}

std::unexpected<Error> not_an_interaction(std::string_view body, const std::string& why) {
  const auto first = body.find_first_not_of(" \t\r\n");
  const bool is_page = first != std::string_view::npos && body[first] == '<';
  return failure(ErrorCode::bad_response,
                 is_page ? "the server answered with a web page, not with Gemini's JSON"
                         : "the server's answer is no Gemini interaction: " + why,
                 "check the base address of the API (GOOGLE_GEMINI_BASE_URL)");
}

Result<ModelTurn> read_response(std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document) return not_an_interaction(body, document.error().message);
  const View root = document->root();
  if (const auto error = root.find("error"); error && error->is(Kind::object)) {
    return std::unexpected(read_reported_error(root));
  }
  const auto steps = root.find("steps");
  const bool has_steps = steps && steps->is(Kind::array);
  if (!has_steps && text_of(root, "object") != "interaction") {
    return not_an_interaction(body, "it has no steps");
  }
  ModelTurn turn{.wire = Wire::interactions};
  if (has_steps && !steps->items().empty()) turn.raw_content = steps->raw();
  if (has_steps) add_steps(turn, steps->items());
  take_frame(turn, root);
  if (auto set = set_finish(turn, text_of(root, "status")); !set) {
    return std::unexpected(set.error());
  }
  return turn;
}

}  // namespace atonce::protocol::interactions
