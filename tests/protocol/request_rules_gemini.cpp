// What generateContent requires: the order and number of calls and results, ids, and the thought
// signatures of Gemini 3.

#include "protocol/request_rules.h"

namespace atonce::protocol::rules {
namespace {

using json::Kind;
using json::View;

std::vector<View> inner(const std::vector<View>& parts, std::string_view kind) {
  std::vector<View> found;
  for (const View& part : parts) {
    if (const auto one = find_at(part, kind)) found.push_back(*one);
  }
  return found;
}

class GeminiContents final {
 public:
  explicit GeminiContents(Inspection& inspection) : inspection_(inspection) {}

  void check(const std::vector<View>& contents, bool is_continued) {
    inspection_.require(!contents.empty(), "contents is not specified");
    turn_start_ = find_turn_start(contents);
    for (at_ = 0; at_ < contents.size(); ++at_) check_content(contents[at_]);
    inspection_.require(open_.empty(), "the last calls have no results");
    const bool ends_well = !contents.empty() && text_at(contents.back(), "role") == "user";
    inspection_.require(ends_well || is_continued, "the last content is not the user's");
  }

 private:
  // The newest content of the user that brings no results.
  static std::size_t find_turn_start(const std::vector<View>& contents) {
    for (std::size_t at = contents.size(); at-- > 0;) {
      const bool is_user = text_at(contents[at], "role") == "user";
      if (is_user && inner(items_at(contents[at], "parts"), "functionResponse").empty()) return at;
    }
    return 0;
  }

  void check_content(const View& content) {
    const std::string where = "contents[" + std::to_string(at_) + "]";
    inspection_.require_fields(content, where, {"role", "parts"});
    const std::string role = text_at(content, "role");
    inspection_.require(role == "user" || role == "model", where + ": valid roles: user, model");
    const std::vector<View> parts = items_at(content, "parts");
    inspection_.require(!parts.empty(), where + ".parts must not be empty");
    inspection_.require(at_ > 0 || role == "user", "the first content is not the user's");
    for (const View& part : parts) {
      inspection_.require(!part.members().empty(), where + ".parts has an empty part");
    }
    if (role == "model") {
      check_model(parts, where);
    } else {
      check_user(parts, where);
    }
  }

  void check_model(const std::vector<View>& parts, const std::string& where) {
    inspection_.require(open_.empty(), where + " stands between calls and their results");
    inspection_.require(inner(parts, "functionResponse").empty(), where + ": results of the model");
    open_ = inner(parts, "functionCall");
    inspection_.require(open_.empty() || was_user_,
                        where +
                            ": a function call turn comes directly after a user turn or a "
                            "function response turn");
    was_user_ = false;
    for (const View& call : open_) {
      inspection_.require_fields(call, where + ".functionCall", {"id", "name", "args"});
      inspection_.require(!text_at(call, "name").empty(), where + ": name cannot be empty");
      const auto args = find_at(call, "args");
      inspection_.require(!args || args->is(Kind::object), where + ": args is no object");
    }
    check_signatures(parts, where);
  }

  // Only the first call of a step has one, and each step of the current turn has to.
  void check_signatures(const std::vector<View>& parts, const std::string& where) {
    std::size_t calls = 0;
    for (const View& part : parts) {
      if (!find_at(part, "functionCall")) continue;
      const bool is_signed = !text_at(part, "thoughtSignature").empty();
      if (++calls == 1) {
        inspection_.require(is_signed || at_ < turn_start_,
                            where + ": function call is missing a thought_signature");
      } else {
        inspection_.require(!is_signed, where + ": a signature that is not on the first call");
      }
    }
  }

  void check_user(const std::vector<View>& parts, const std::string& where) {
    const std::vector<View> results = inner(parts, "functionResponse");
    was_user_ = true;
    if (results.empty()) {
      inspection_.require(open_.empty(), where + ": calls without results before it");
      for (const View& part : parts) {
        inspection_.require_fields(part, where + ".parts", {"text", "inlineData", "fileData"});
      }
      open_.clear();
      return;
    }
    inspection_.require(results.size() == parts.size(), where + ": results beside other parts");
    inspection_.require(!open_.empty(), where + ": results that come after no calls");
    inspection_.require(results.size() == open_.size(),
                        where +
                            ": the number of function response parts is not equal to the "
                            "number of function call parts");
    for (std::size_t at = 0; at < std::min(results.size(), open_.size()); ++at) {
      check_result(results[at], open_[at], where);
    }
    open_.clear();
  }

  void check_result(const View& result, const View& call, const std::string& where) {
    inspection_.require_fields(result, where + ".functionResponse",
                               {"id", "name", "response", "parts"});
    inspection_.require(text_at(result, "name") == text_at(call, "name"),
                        where + ": a result has another name than its call");
    inspection_.require(text_at(result, "id") == text_at(call, "id"),
                        where + ": a result has another id than its call");
    const auto response = result.find("response");
    const bool is_one = response && response->members().size() == 1;
    inspection_.require(is_one && (response->find("output") || response->find("error")),
                        where + ": response is neither an output nor an error");
    for (const View& media : items_at(result, "parts")) {
      const auto data = media.find("inlineData");
      inspection_.require(
          data && !text_at(*data, "mimeType").empty() && !text_at(*data, "data").empty(),
          where + ": a part of a result is no media");
    }
  }

  Inspection& inspection_;
  std::size_t at_ = 0;
  std::size_t turn_start_ = 0;
  bool was_user_ = false;   // the content before
  std::vector<View> open_;  // calls that have no results yet
};

void check_tools(const View& body, Inspection& inspection) {
  std::vector<std::string> declared;
  for (const View& tool : items_at(body, "tools")) {
    for (const View& one : items_at(tool, "functionDeclarations")) {
      declared.push_back(text_at(one, "name"));
      inspection.require(is_plain_name(declared.back()), "a declaration has no valid name");
    }
  }
  const auto config = body.find("toolConfig");
  if (!config) return;
  const auto calling = config->find("functionCallingConfig");
  if (!calling) return;
  inspection.require(!declared.empty(), "function calling config is set without declarations");
  const std::string mode = text_at(*calling, "mode");
  const bool takes_names = mode == "ANY" || mode == "VALIDATED";
  inspection.require(takes_names || mode == "AUTO" || mode == "NONE", "there is no mode " + mode);
  const auto names = items_at(*calling, "allowedFunctionNames");
  inspection.require(names.empty() || takes_names, "allowed_function_names with mode " + mode);
  for (const View& name : names) {
    const std::string text(name.as_string().value_or(""));
    inspection.require(std::ranges::find(declared, text) != declared.end(),
                       "allowed_function_names has the undeclared `" + text + "`");
  }
}

}  // namespace

Problems check_gemini(std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document) return {"the body is no JSON: " + document.error().message};
  Inspection inspection;
  const View root = document->root();
  inspection.require_fields(root, "the request",
                            {"contents", "systemInstruction", "tools", "toolConfig",
                             "generationConfig", "continuationToken"});
  const bool is_continued = root.find("continuationToken").has_value();
  GeminiContents(inspection).check(items_at(root, "contents"), is_continued);
  check_tools(root, inspection);
  return inspection.take();
}

}  // namespace atonce::protocol::rules
