// What the two APIs require whose conversation is a list of typed items: OpenAI's Responses and
// Gemini's Interactions.

#include "protocol/request_rules.h"

namespace atonce::protocol::rules {
namespace {

using json::Kind;
using json::View;

// How the two differ.
struct Words {
  std::string_view call_id;      // of a call
  std::string_view result_type;  // of what answers a call
  std::string_view previous;     // names the answer that the server remembers
};
constexpr Words kResponses{"call_id", "function_call_output", "previous_response_id"};
constexpr Words kInteractions{"id", "function_result", "previous_interaction_id"};

class Items final {
 public:
  Items(Inspection& inspection, const Words& words) : inspection_(inspection), words_(words) {}

  void check(const View& root, const Kept& kept) {
    const std::vector<View> items = items_at(root, "input");
    inspection_.require(!items.empty(), "input is empty");
    if (root.find(words_.previous)) open_kept(text_at(root, words_.previous), kept);
    for (std::size_t at = 0; at < items.size(); ++at) {
      where_ = "input[" + std::to_string(at) + "]";
      check_item(items[at]);
    }
    require_answered();
    inspection_.require(!is_last_the_models_, "the last item is the model's");
  }

 private:
  void open_kept(const std::string& id, const Kept& kept) {
    const auto found = kept.find(id);
    inspection_.require(found != kept.end(), "nothing is known of the answer `" + id + "`");
    if (found != kept.end()) open_ = found->second;
  }

  void check_item(const View& item) {
    const std::string type = text_at(item, "type");
    if (type == words_.result_type) return check_result(item);
    const std::string role = text_at(item, "role");
    is_last_the_models_ = type != "user_input" && role != "user" && role != "system";
    // The model may say more after its calls; then their results must come, all of them.
    if (has_results_ || !is_last_the_models_) require_answered();
    if (type == "function_call") return check_call(item);
    inspection_.require(!type.empty() || !role.empty(), where_ + " has no type");
    if (const auto content = item.find("content")) {
      inspection_.require(content->as_string().value_or("") != "" || !content->items().empty(),
                          where_ + ".content is empty");
    } else {
      inspection_.require(type == "reasoning" || type == "thought" || type.ends_with("_call") ||
                              type.ends_with("_result"),
                          where_ + " says nothing");
    }
  }

  void check_call(const View& item) {
    const std::string id = text_at(item, words_.call_id);
    inspection_.require(!id.empty(), where_ + ": a call without an id");
    inspection_.require(std::ranges::find(open_, id) == open_.end(),
                        where_ + ": the id `" + id + "` twice");
    const bool is_text = &words_ == &kResponses;
    inspection_.require(
        is_text ? is_plain_name(text_at(item, "name")) : !text_at(item, "name").empty(),
        where_ + ": not a function's name: " + text_at(item, "name"));
    inspection_.require(
        is_text ? text_at(item, "arguments") != "" : is_kind_at(item, "arguments", Kind::object),
        where_ + ": arguments have the wrong form");
    open_.push_back(id);
    names_.push_back(text_at(item, "name"));
  }

  void check_result(const View& item) {
    has_results_ = true;
    is_last_the_models_ = false;
    const std::string id = text_at(item, "call_id");
    const auto call = std::ranges::find(open_, id);
    inspection_.require(call != open_.end(), where_ + ": no call found for the call_id " + id);
    inspection_.require(call == open_.begin(), where_ + ": results are not in the calls' order");
    if (call != open_.end()) open_.erase(call);
    if (&words_ == &kResponses) {
      inspection_.require_fields(item, where_, {"type", "call_id", "output"});
      inspection_.require(is_filled(item, "output"), where_ + ".output is empty");
      return;
    }
    inspection_.require_fields(item, where_, {"type", "call_id", "name", "result", "is_error"});
    inspection_.require(is_filled(item, "result"), where_ + ".result is empty");
    inspection_.require(names_.empty() || text_at(item, "name") == names_.front(),
                        where_ + ": a result has another name than its call");
    if (!names_.empty()) names_.erase(names_.begin());
  }

  static bool is_filled(const View& item, std::string_view key) {
    const auto value = find_at(item, key);
    if (!value || value->is(Kind::number) || value->is(Kind::boolean)) return false;
    return value->is(Kind::object) || !value->items().empty() ||
           value->as_string().value_or("") != "";
  }

  void require_answered() {
    for (const std::string& id : open_) {
      inspection_.require(false, where_ + ": no tool output found for the call " + id);
    }
    open_.clear();
    names_.clear();
    has_results_ = false;
  }

  Inspection& inspection_;
  const Words& words_;
  std::string where_ = "input";
  std::vector<std::string> open_;   // calls that have no results yet
  std::vector<std::string> names_;  // of those that are in the input
  bool has_results_ = false;        // some of the calls before have been answered
  bool is_last_the_models_ = false;
};

}  // namespace

Problems check_responses(std::string_view body, const Kept& kept) {
  const auto document = json::Document::parse(body);
  if (!document) return {"the body is no JSON: " + document.error().message};
  Inspection inspection;
  const View root = document->root();
  inspection.require_fields(
      root, "the request",
      {"model", "input", "instructions", "previous_response_id", "tools", "tool_choice",
       "parallel_tool_calls", "temperature", "max_output_tokens", "store", "include", "stream"});
  Items(inspection, kResponses).check(root, kept);
  inspection.require(!root.find("tool_choice") || root.find("tools"), "tool_choice without tools");
  return inspection.take();
}

Problems check_interactions(std::string_view body, const Kept& kept) {
  const auto document = json::Document::parse(body);
  if (!document) return {"the body is no JSON: " + document.error().message};
  Inspection inspection;
  const View root = document->root();
  inspection.require_fields(root, "the request",
                            {"model", "input", "system_instruction", "previous_interaction_id",
                             "tools", "generation_config", "store", "stream"});
  Items(inspection, kInteractions).check(root, kept);
  for (const View& tool : items_at(root, "tools")) {
    const auto schema = tool.find("parameters");
    const auto required = schema ? schema->find("required") : std::nullopt;
    inspection.require(!required || !required->items().empty(), "a tool requires []");
  }
  const auto config = root.find("generation_config");
  inspection.require(!config || !config->find("tool_choice") || root.find("tools"),
                     "tool_choice without tools");
  return inspection.take();
}

}  // namespace atonce::protocol::rules
