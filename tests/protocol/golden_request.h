// Golden cases of what a model is asked:
//   messages, tools, mode, allowed, provider_tools, system, temperature, max_output_tokens, options
// of which all but the messages may be absent; `expect` is the request's body. Messages are
//   {"user": text, "files": [{name, media_type, data}]}
//   {"model": what the wire echoes, ...}
//   {"foreign": {text, calls, raw, id}}        a turn of another wire
//   {"results": [{id, name, returned | raised | ...}]}
// Tools are declarations in the wire's dialect; OpenAI's may be their function alone.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "protocol/golden.h"
#include "protocol/message.h"
#include "protocol/same_json.h"

namespace atonce::protocol::golden {

// A wire as its cases need it.
struct RequestCases {
  Wire wire;
  call::Dialect dialect;
  std::function<ModelTurn(const json::View& message)> read_model;
  std::function<std::string(const ModelRequest& request, const json::View& test)> write;
};

// The flag of the case's options, if it is there.
inline std::optional<bool> flag_of(const json::View& test, std::string_view key) {
  const auto options = test.find("options");
  const auto value = options ? options->find(key) : std::nullopt;
  return value ? value->as_bool() : std::nullopt;
}

inline ModelTurn read_foreign(const json::View& view, Wire own) {
  ModelTurn turn{.wire = own == Wire::gemini ? Wire::openai_chat : Wire::gemini};
  turn.raw_content = view.find("raw") ? text_of(view, "raw") : R"([{"type":"thought"}])";
  turn.text = text_of(view, "text");
  turn.response_id = text_of(view, "id");
  for (const json::View& each : items_of(view, "calls")) {
    const auto text = each.find("args")->as_string();
    turn.calls.push_back({text_of(each, "id"), text_of(each, "name"),
                          std::string(text.value_or(each.find("args")->raw()))});
  }
  return turn;
}

inline UserText read_user(const json::View& view) {
  UserText user{text_of(view, "user")};
  for (const json::View& file : items_of(view, "files")) {
    user.files.push_back({.name = text_of(file, "name"),
                          .media_type = text_of(file, "media_type"),
                          .data = text_of(file, "data")});
  }
  return user;
}

inline FunctionResults read_results(const json::View& view) {
  FunctionResults results;
  for (const json::View& each : items_of(view, "results")) {
    results.calls.push_back({.call = {text_of(each, "id"), text_of(each, "name"), "{}"},
                             .outcome = read_outcome(each)});
  }
  return results;
}

inline std::vector<Message> read_messages(const RequestCases& cases, const json::View& test) {
  std::vector<Message> messages;
  for (const json::View& each : items_of(test, "messages")) {
    if (each.find("model")) {
      messages.emplace_back(cases.read_model(each));
    } else if (const auto foreign = each.find("foreign")) {
      messages.emplace_back(read_foreign(*foreign, cases.wire));
    } else if (each.find("results")) {
      messages.emplace_back(read_results(each));
    } else {
      messages.emplace_back(read_user(each));
    }
  }
  return messages;
}

inline std::vector<call::ToolSpec> read_tools(const json::View& test, call::Dialect dialect) {
  std::vector<call::ToolSpec> tools;
  for (const json::View& each : items_of(test, "tools")) {
    const auto function = each.find("function");
    call::ToolSpec& tool = tools.emplace_back();
    tool.name = text_of(function ? *function : each, "name");
    const bool is_bare = dialect == call::Dialect::openai && !function;
    tool.declarations[static_cast<std::size_t>(dialect)] =
        is_bare ? R"({"type":"function","function":)" + std::string(each.raw()) + "}" : each.raw();
  }
  return tools;
}

inline void check_request(const RequestCases& cases, const json::View& test,
                          const json::View& expected) {
  const std::map<std::string, CallMode> modes = {{"", CallMode::automatic},
                                                 {"any", CallMode::any},
                                                 {"none", CallMode::none},
                                                 {"validated", CallMode::validated}};
  const std::map<std::string, ProviderTool> provider_tools = {
      {"search", ProviderTool::search},
      {"code_execution", ProviderTool::code_execution},
      {"url_context", ProviderTool::url_context}};
  const std::vector<Message> messages = read_messages(cases, test);
  const std::vector<call::ToolSpec> tools = read_tools(test, cases.dialect);
  ModelRequest request{.messages = messages, .tools = tools, .system = text_of(test, "system")};
  request.mode = modes.at(text_of(test, "mode"));
  for (const json::View& each : items_of(test, "allowed")) {
    request.allowed.emplace_back(each.as_string().value());
  }
  for (const json::View& each : items_of(test, "provider_tools")) {
    request.provider_tools.push_back(provider_tools.at(std::string(each.as_string().value())));
  }
  if (const auto value = test.find("temperature")) request.temperature = value->as_double();
  if (const auto value = test.find("max_output_tokens")) {
    request.max_output_tokens = static_cast<int>(value->as_int64().value());
  }

  EXPECT_TRUE(same_json(cases.write(request, test), expected.raw()));
}

}  // namespace atonce::protocol::golden
