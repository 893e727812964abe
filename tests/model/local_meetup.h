// The embedded model, opened for tests, with functions of examples/meetup.py.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "model/local_files.h"
#include "model/local_model.h"

namespace atonce::model {

inline constexpr const char* kCodelabQuestion =
    "What is the exchange rate from Australian dollars to Swedish krona? "
    "How much is 500 Australian dollars worth in Swedish krona?";

// Shared by all tests, and by one run and the next: only the first pays for the long prompt.
inline std::filesystem::path shared_states() {
  return std::filesystem::path(testing::TempDir()) / "atonce-local-model" / "states";
}

inline call::ToolSpec tool(std::string name, std::string description, std::string schema) {
  return {.name = std::move(name),
          .description = std::move(description),
          .input_schema = std::move(schema)};
}

// Four functions of examples/meetup.py, as they are declared.
inline const std::vector<call::ToolSpec>& meetup() {
  static const std::vector<call::ToolSpec> tools{
      tool("get_exchange_rate",
           "Get the exchange rate between two currencies and convert an amount.",
           R"({"type":"object","properties":{
        "currency_from":{"type":"string","description":"Currency to convert from, as an ISO 4217 code such as AUD."},
        "currency_to":{"type":"string","description":"Currency to convert to, as an ISO 4217 code such as SEK."},
        "currency_date":{"type":"string","default":"latest","description":"Day of the rate as YYYY-MM-DD, or 'latest'."},
        "amount":{"type":"number","default":1.0,"description":"How much money to convert."}},
        "required":["currency_from","currency_to"]})"),
      tool("get_speaker", "Get who a speaker is and which talks the speaker gives.",
           R"({"type":"object","properties":{
        "name":{"type":"string","description":"Name of the speaker."}},"required":["name"]})"),
      tool("get_attendance",
           "Get how many people registered for and came to the meetup of a month.",
           R"({"type":"object","properties":{
        "month":{"type":"string","description":"Name of the month, such as March."}},"required":["month"]})"),
      tool("find_similar_talks",
           "Find the talks that are most similar to a talk, the most similar first.",
           R"({"type":"object","properties":{
        "title":{"type":"string","description":"Title of the talk to compare with."},
        "limit":{"type":"integer","default":3,"description":"How many talks to find."}},"required":["title"]})")};
  return tools;
}

inline protocol::ModelRequest in_mode(protocol::CallMode mode) {
  protocol::ModelRequest request;
  request.mode = mode;
  return request;
}

inline std::string argument(const call::Call& call, std::string_view key) {
  const auto arguments = json::Document::parse(call.arguments);
  const auto value = arguments ? arguments->root().find(key) : std::nullopt;
  return std::string(value ? value->as_string().value_or(value->raw()) : "absent");
}

inline std::vector<std::string> names_of(const protocol::ModelTurn& turn) {
  std::vector<std::string> names;
  for (const call::Call& call : turn.calls) names.push_back(call.name);
  return names;
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

inline std::string without_commas(std::string text) {
  std::erase(text, ',');
  return text;
}

// The codelab's conversation up to the result of its call.
inline std::vector<protocol::Message> codelab_with_result() {
  const call::Call call{
      .id = "call_1",
      .name = "get_exchange_rate",
      .arguments = R"({"currency_from":"AUD","currency_to":"SEK","amount":500.0})"};
  return {
      protocol::UserText{kCodelabQuestion}, protocol::ModelTurn{.calls = {call}},
      protocol::FunctionResults{
          {{.call = call,
            .outcome = call::Returned{R"({"currency_from":"AUD","currency_to":"SEK","rate":6.9027,)"
                                      R"("amount":500.0,"converted_amount":3451.35})"}}}}};
}

class LocalModelTest : public NeedsModelFile {
 protected:
  static std::unique_ptr<Model> open(LocalModelOptions options = {}) {
    options.path = model_path();
    if (options.state_folder.empty()) options.state_folder = shared_states();
    auto model = open_local_model(std::move(options));
    if (!model) ADD_FAILURE() << model.error().message;
    return model ? std::move(*model) : nullptr;
  }

  static protocol::ModelTurn ask(Model& model, const std::vector<protocol::Message>& messages,
                                 protocol::ModelRequest request = {},
                                 protocol::StreamListener* listener = nullptr) {
    request.messages = messages;
    if (request.tools.empty()) request.tools = meetup();
    auto turn = model.answer(request, listener);
    EXPECT_TRUE(turn) << turn.error().message;
    return turn.value_or(protocol::ModelTurn{});
  }
};

}  // namespace atonce::model
