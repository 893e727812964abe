// What OpenAI's chat completions require.

#include "protocol/request_rules.h"

namespace atonce::protocol::rules {
namespace {

using json::Kind;
using json::View;

class Messages final {
 public:
  explicit Messages(Inspection& inspection) : inspection_(inspection) {}

  void check(const std::vector<View>& messages) {
    inspection_.require(!messages.empty(), "[] is too short - 'messages'");
    for (std::size_t at = 0; at < messages.size(); ++at) {
      where_ = "messages[" + std::to_string(at) + "]";
      check_message(messages[at]);
    }
    require_answered();
    const bool ends_well = messages.empty() || text_at(messages.back(), "role") != "assistant";
    inspection_.require(ends_well, "the last message is the model's");
  }

 private:
  void check_message(const View& message) {
    const std::string role = text_at(message, "role");
    if (role == "tool") return check_result(message);
    require_answered();
    if (role == "assistant") return check_model(message);
    inspection_.require(role == "system" || role == "user", where_ + ": no such role: " + role);
    inspection_.require_fields(message, where_, {"role", "content"});
    const auto content = message.find("content");
    const bool is_filled =
        content && (content->as_string().value_or("") != "" || !content->items().empty());
    inspection_.require(is_filled, where_ + ".content is empty");
  }

  void check_model(const View& message) {
    const auto calls = find_at(message, "tool_calls");
    inspection_.require(!calls || !calls->items().empty(), where_ + ".tool_calls is empty");
    inspection_.require(!find_at(message, "function_call"), where_ + ".function_call is outdated");
    const auto content = find_at(message, "content");
    const bool is_said = content && (content->is(Kind::string) || !content->items().empty());
    inspection_.require(is_said || calls || find_at(message, "refusal"),
                        where_ + ": neither content nor tool_calls");
    for (const View& call : calls ? calls->items() : std::vector<View>{}) check_call(call);
  }

  void check_call(const View& call) {
    const std::string id = text_at(call, "id");
    inspection_.require(!id.empty(), where_ + ": a call without an id");
    inspection_.require(std::ranges::find(open_, id) == open_.end(),
                        where_ + ": the id `" + id + "` twice");
    inspection_.require(text_at(call, "type") == "function", where_ + ": a call's type is wrong");
    const auto function = call.find("function");
    inspection_.require(function && is_plain_name(text_at(*function, "name")),
                        where_ + ": a name does not match ^[a-zA-Z0-9_-]+$");
    inspection_.require(function && text_at(*function, "arguments") != "",
                        where_ + ": arguments are no text");
    open_.push_back(id);
  }

  void check_result(const View& message) {
    inspection_.require_fields(message, where_, {"role", "content", "tool_call_id"});
    const std::string id = text_at(message, "tool_call_id");
    const auto call = std::ranges::find(open_, id);
    inspection_.require(call != open_.end(),
                        where_ + ": a tool message is no response to tool_calls before it");
    inspection_.require(call == open_.begin(), where_ + ": results are not in the calls' order");
    if (call != open_.end()) open_.erase(call);
    const auto content = message.find("content");
    const bool is_filled =
        content && (content->as_string().value_or("") != "" || !content->items().empty());
    inspection_.require(is_filled, where_ + ".content is empty");
  }

  void require_answered() {
    for (const std::string& id : open_) {
      inspection_.require(false, where_ + ": no response message for the tool_call_id " + id);
    }
    open_.clear();
  }

  Inspection& inspection_;
  std::string where_;
  std::vector<std::string> open_;  // calls that have no results yet
};

}  // namespace

Problems check_chat(std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document) return {"the body is no JSON: " + document.error().message};
  Inspection inspection;
  const View root = document->root();
  inspection.require_fields(
      root, "the request",
      {"model", "messages", "tools", "tool_choice", "parallel_tool_calls", "stream",
       "stream_options", "temperature", "max_tokens", "max_completion_tokens"});
  Messages(inspection).check(items_at(root, "messages"));
  const auto tools = root.find("tools");
  inspection.require(!tools || !tools->items().empty(), "[] is too short - 'tools'");
  for (const char* key : {"tool_choice", "parallel_tool_calls"}) {
    inspection.require(!root.find(key) || tools, std::string(key) + " without tools");
  }
  return inspection.take();
}

}  // namespace atonce::protocol::rules
