#include "protocol/call_answers.h"

#include <algorithm>

#include "base/json.h"

namespace atonce::protocol {
namespace {

// Nine letters and digits, a form of id that everybody takes.
std::string made_id(std::size_t message, std::size_t call) {
  const auto digits = [](std::size_t number) {
    std::string text = std::to_string(number);
    return text.size() < 4 ? std::string(4 - text.size(), '0') + text : text;
  };
  return "c" + digits(message) + digits(call);
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

}  // namespace

std::string plain_name(std::string_view name) {
  constexpr std::size_t kMostCharacters = 64;
  std::string plain(name.substr(0, kMostCharacters));
  std::ranges::replace_if(plain, [](char c) { return !is_plain(c); }, '_');
  return plain.empty() ? "unnamed" : plain;
}

std::vector<AskedCall> ask_calls(const ModelTurn& turn, std::size_t number) {
  std::vector<AskedCall> asked;
  for (const call::Call& call : turn.calls) {
    const bool is_taken = std::ranges::find(asked, call.id, &AskedCall::id) != asked.end();
    const bool needs_id = call.id.empty() || is_taken;
    asked.push_back({.id = needs_id ? made_id(number, asked.size()) : call.id,
                     .name = plain_name(call.name),
                     .call = &call});
  }
  return asked;
}

std::vector<call::Outcome> match_outcomes(const FunctionResults& results,
                                          const std::vector<AskedCall>& asked) {
  std::vector<call::Outcome> matched(asked.size(), call::NotStarted{"the call was given up"});
  const bool is_by_place = results.calls.size() == asked.size();
  for (std::size_t at = 0; at < asked.size(); ++at) {
    const auto found = is_by_place ? results.calls.begin() + static_cast<std::ptrdiff_t>(at)
                                   : std::ranges::find_if(results.calls, [&](const auto& finished) {
                                       return finished.call.id == asked[at].id;
                                     });
    if (found != results.calls.end()) matched[at] = found->outcome;
  }
  return matched;
}

std::optional<std::size_t> find_kept(std::span<const Message> messages, Wire wire) {
  for (std::size_t at = messages.size(); at-- > 0;) {
    const auto* turn = std::get_if<ModelTurn>(&messages[at]);
    if (turn != nullptr && turn->wire == wire && !turn->response_id.empty()) return at;
  }
  return std::nullopt;
}

std::string result_text(const call::Outcome& outcome) {
  if (const auto* returned = std::get_if<call::Returned>(&outcome)) {
    const auto document = json::Document::parse(returned->result);
    const std::string_view text =
        document ? document->root().as_string().value_or("") : std::string_view{};
    return text.empty() ? returned->result : std::string(text);
  }
  return json::Writer().begin_object().key("error").string(describe(outcome)).end_object().take();
}

}  // namespace atonce::protocol
