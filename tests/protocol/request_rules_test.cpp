// Every rule of the checkers can be broken: one bad body for each, beside good ones that pass.

#include "protocol/request_rules.h"

#include <gtest/gtest.h>

#include <functional>

namespace atonce::protocol::rules {
namespace {

struct Bad {
  std::string body;
  std::string why;  // part of what the checker must say
};

using Check = std::function<Problems(std::string_view)>;

void expect_refused(const Check& check, const std::vector<Bad>& bodies) {
  for (const Bad& bad : bodies) {
    SCOPED_TRACE(bad.body);
    const Problems problems = check(bad.body);
    const bool is_said = std::ranges::any_of(
        problems, [&](const std::string& problem) { return problem.contains(bad.why); });
    EXPECT_TRUE(is_said) << "nothing says \"" << bad.why
                         << "\"; what was said: " << testing::PrintToString(problems);
  }
}

const std::string kAsk = R"({"role":"user","parts":[{"text":"go"}]})";
const std::string kSigned =
    R"({"functionCall":{"id":"1","name":"f","args":{}},"thoughtSignature":"c2ln"})";
const std::string kResult = R"({"functionResponse":{"id":"1","name":"f","response":{"output":1}}})";

std::string model(const std::string& parts) {
  return R"({"role":"model","parts":[)" + parts + "]}";
}
std::string user(const std::string& parts) { return R"({"role":"user","parts":[)" + parts + "]}"; }
std::string contents(const std::string& all, const std::string& more = "") {
  return R"({"contents":[)" + all + "]" + more + "}";
}
// A question, a turn of the model, and what answers it.
std::string turn(const std::string& parts, const std::string& results) {
  return contents(kAsk + "," + model(parts) + "," + user(results));
}

TEST(RequestRulesGemini, TakesWhatTheApiTakes) {
  EXPECT_EQ(check_gemini(turn(kSigned, kResult)), Problems{});
  EXPECT_EQ(check_gemini(contents(kAsk, R"(,"continuationToken":"x")")), Problems{});
  // Without a signature, but not of the current turn.
  EXPECT_EQ(check_gemini(contents(kAsk + "," + model(R"({"functionCall":{"name":"f"}})") + "," +
                                  user(R"({"functionResponse":{"name":"f","response":)"
                                       R"({"error":"no"}}})") +
                                  "," + model(R"({"text":"no"})") + "," + kAsk)),
            Problems{});
}

TEST(RequestRulesGemini, RefusesAWrongOrder) {
  expect_refused(
      check_gemini,
      {{contents(""), "not specified"},
       {contents(model(R"({"text":"a"})") + "," + kAsk), "first content"},
       {contents(kAsk + "," + model(R"({"text":"a"})")), "last content is not the user's"},
       {contents(kAsk + "," + model(kSigned)), "last calls have no results"},
       {turn(kSigned, R"({"text":"and"})"), "calls without results"},
       {turn(R"({"text":"a"})", kResult), "come after no calls"},
       {contents(kAsk + "," + model(R"({"text":"a"})") + "," + model(kSigned) + "," +
                 user(kResult)),
        "comes directly after"},
       {contents(kAsk + "," + model(kSigned) + "," + model(R"({"text":"a"})") + "," +
                 user(kResult)),
        "stands between"},
       {contents(kAsk + "," + model(kResult) + "," + kAsk), "results of the model"},
       {turn(kSigned, kResult + R"(,{"text":"and"})"), "beside other parts"}});
}

TEST(RequestRulesGemini, RefusesResultsThatAreNotThoseOfTheCalls) {
  expect_refused(
      check_gemini,
      {{turn(kSigned, kResult + "," + kResult), "not equal"},
       {turn(kSigned, R"({"functionResponse":{"id":"2","name":"f","response":{"output":1}}})"),
        "another id"},
       {turn(kSigned, R"({"functionResponse":{"name":"f","response":{"output":1}}})"),
        "another id"},
       {turn(kSigned, R"({"functionResponse":{"id":"1","name":"g","response":{"output":1}}})"),
        "another name"},
       {turn(kSigned, R"({"functionResponse":{"id":"1","name":"f","response":{"a":1}}})"),
        "neither an output nor an error"},
       {turn(kSigned, R"({"functionResponse":{"id":"1","name":"f","response":1}})"),
        "neither an output nor an error"},
       {turn(kSigned, R"({"functionResponse":{"id":"1","name":"f","response":{"output":1},)"
                      R"("parts":[{"text":"a"}]}})"),
        "no media"}});
}

TEST(RequestRulesGemini, RefusesMissingAndMisplacedSignatures) {
  const std::string plain = R"({"functionCall":{"id":"1","name":"f"}})";
  const std::string two =
      kResult + "," + kResult;  // both calls have the same id, which is allowed here
  expect_refused(check_gemini, {{turn(plain, kResult), "missing a thought_signature"},
                                {turn(plain + "," + kSigned, two), "missing a thought_signature"},
                                {turn(kSigned + "," + kSigned, two), "not on the first call"}});
}

TEST(RequestRulesGemini, RefusesWrongFormsAndEmptyThings) {
  expect_refused(
      check_gemini,
      {{"{", "no JSON"},
       {contents(kAsk, R"(,"messages":[])"), "unknown name \"messages\""},
       {contents(R"({"role":"user","parts":[]})"), "must not be empty"},
       {contents(R"({"role":"user","parts":[{}]})"), "empty part"},
       {contents(R"({"role":"tool","parts":[{"text":"a"}]})"), "valid roles"},
       {contents(R"({"role":"user","parts":[{"words":"a"}]})"), "unknown name \"words\""},
       {contents(R"({"role":"user","parts":[{"text":"a"}],"id":1})"), "unknown name \"id\""},
       {turn(R"({"functionCall":{"name":""},"thoughtSignature":"YQ=="})", kResult), "empty"},
       {turn(R"({"functionCall":{"name":"f","args":"a"},"thoughtSignature":"YQ=="})", kResult),
        "args is no object"},
       {turn(R"({"functionCall":{"name":"f","index":0},"thoughtSignature":"YQ=="})", kResult),
        "unknown name \"index\""},
       {turn(kSigned, R"({"functionResponse":{"id":"1","name":"f","response":{"output":1},)"
                      R"("status":1}})"),
        "unknown name \"status\""}});
}

TEST(RequestRulesGemini, RefusesModesThatDoNotFitTheDeclarations) {
  const auto tools = [](const std::string& name, const std::string& config) {
    return contents(kAsk, R"(,"tools":[{"functionDeclarations":[{"name":")" + name +
                              R"("}]}],"toolConfig":{"functionCallingConfig":)" + config + "}");
  };
  EXPECT_EQ(check_gemini(tools("f", R"({"mode":"ANY","allowedFunctionNames":["f"]})")), Problems{});
  expect_refused(check_gemini,
                 {{tools("f", R"({"mode":"SOME"})"), "no mode SOME"},
                  {tools("a b", R"({"mode":"AUTO"})"), "no valid name"},
                  {tools("f", R"({"mode":"AUTO","allowedFunctionNames":["f"]})"), "with mode AUTO"},
                  {tools("f", R"({"mode":"ANY","allowedFunctionNames":["g"]})"), "undeclared `g`"},
                  {contents(kAsk, R"(,"toolConfig":{"functionCallingConfig":{"mode":"AUTO"}})"),
                   "without declarations"}});
}

std::string messages(const std::string& all, const std::string& more = "") {
  return R"({"model":"m","messages":[{"role":"user","content":"go"})" + all + "]" + more + "}";
}
std::string chat_call(const std::string& id, const std::string& function = R"({"name":"f",)"
                                                                           R"("arguments":"{}"})") {
  return R"({"id":")" + id + R"(","type":"function","function":)" + function + "}";
}
std::string says(const std::string& calls) {
  return R"(,{"role":"assistant","content":null,"tool_calls":[)" + calls + "]}";
}
std::string tool(const std::string& id, const std::string& content = "1") {
  return R"(,{"role":"tool","tool_call_id":")" + id + R"(","content":")" + content + R"("})";
}

TEST(RequestRulesChat, TakesWhatTheApiTakes) {
  EXPECT_EQ(
      check_chat(messages(says(chat_call("1") + "," + chat_call("2")) + tool("1") + tool("2"))),
      Problems{});
}

TEST(RequestRulesChat, RefusesWhatTheApiRefuses) {
  const std::string one = says(chat_call("1"));
  const std::string two = says(chat_call("1") + "," + chat_call("2"));
  expect_refused(
      check_chat,
      {{"[", "no JSON"},
       {R"({"messages":[]})", "too short - 'messages'"},
       {messages("", R"(,"contents":[])"), "unknown name \"contents\""},
       {messages("", R"(,"tools":[])"), "too short - 'tools'"},
       {messages("", R"(,"tool_choice":"auto")"), "tool_choice without tools"},
       {messages("", R"(,"parallel_tool_calls":true)"), "parallel_tool_calls without tools"},
       {messages(R"(,{"role":"user","content":""})"), "content is empty"},
       {messages(R"(,{"role":"user","content":"a","id":1})"), "unknown name \"id\""},
       {messages(R"(,{"role":"model","content":"a"})"), "no such role"},
       {messages(R"(,{"role":"assistant","content":"a"})"), "last message is the model's"},
       {messages(R"(,{"role":"assistant","content":null})"), "neither content nor"},
       {messages(says("")), "tool_calls is empty"},
       {messages(R"(,{"role":"assistant","content":"a","function_call":{}})"), "outdated"},
       {messages(one), "no response message"},
       {messages(two + tool("1")), "no response message"},
       {messages(one + R"(,{"role":"user","content":"a"})" + tool("1")), "no response message"},
       {messages(tool("1")), "no response to tool_calls"},
       {messages(one + tool("1") + tool("1")), "no response to tool_calls"},
       {messages(two + tool("2") + tool("1")), "calls' order"},
       {messages(one + tool("1", "")), "content is empty"},
       {messages(says(chat_call("1") + "," + chat_call("1")) + tool("1") + tool("1")), "twice"},
       {messages(says(chat_call("")) + tool("")), "without an id"},
       {messages(says(R"({"id":"1","function":{"name":"f","arguments":"{}"}})") + tool("1")),
        "type is wrong"},
       {messages(says(chat_call("1", R"({"name":"a b","arguments":"{}"})")) + tool("1")),
        "does not match"},
       {messages(says(chat_call("1", R"({"name":"f","arguments":{}})")) + tool("1")),
        "arguments are no text"}});
}

std::string input(const std::string& all, const std::string& more = "") {
  return R"({"model":"m","input":[)" + all + "]" + more + "}";
}

TEST(RequestRulesResponses, TakesAndRefusesWhatTheApiDoes) {
  const auto check = [](std::string_view body) {
    return check_responses(body, {{"resp_1", {"1", "2"}}});
  };
  const std::string ask = R"({"role":"user","content":"go"},)";
  const auto call = [](const std::string& id) {
    return R"({"type":"function_call","call_id":")" + id + R"(","name":"f","arguments":"{}"},)";
  };
  const auto output = [](const std::string& id, const std::string& text = "1") {
    return R"({"type":"function_call_output","call_id":")" + id + R"(","output":")" + text + "\"}";
  };
  const std::string more = R"(,"previous_response_id":"resp_1")";
  EXPECT_EQ(check(input(ask + call("1") + output("1"))), Problems{});
  EXPECT_EQ(check(input(output("1") + "," + output("2"), more)), Problems{});
  expect_refused(
      check,
      {{"{", "no JSON"},
       {input(""), "input is empty"},
       {input(ask + call("1") + R"({"role":"user","content":"a"})"), "no tool output found"},
       {input(ask + call("1") + call("2") + output("1")), "no tool output found"},
       {input(ask + output("1")), "no call found"},
       {input(ask + call("1") + call("2") + output("2") + "," + output("1")), "calls' order"},
       {input(ask + call("1") + call("1") + output("1") + "," + output("1")), "twice"},
       {input(ask + call("") + output("")), "without an id"},
       {input(ask + call("1") + output("1", "")), "output is empty"},
       {input(output("1"), more), "no tool output found"},
       {input(output("1"), R"(,"previous_response_id":"resp_9")"), "nothing is known"},
       {input(ask + R"({"role":"assistant","content":"a"})"), "last item is the model's"},
       {input(R"({"role":"user","content":""})"), "content is empty"},
       {input(R"({"content":"a"})"), "no type"},
       {input(R"({"role":"user"})"), "says nothing"},
       {input(R"({"type":"function_call","call_id":"1","name":"a b","arguments":"{}"},)" +
              output("1")),
        "not a function's name"},
       {input(R"({"type":"function_call","call_id":"1","name":"f","arguments":{}},)" + output("1")),
        "wrong form"},
       {input(ask + call("1") + R"({"type":"function_call_output","call_id":"1","output":1})"),
        "output is empty"},
       {input(ask + call("1") +
              R"({"type":"function_call_output","call_id":"1","output":"1","name":"f"})"),
        "unknown name \"name\""},
       {input(R"({"role":"user","content":"a"})", R"(,"messages":[])"), "unknown name"},
       {input(R"({"role":"user","content":"a"})", R"(,"tool_choice":"auto")"),
        "tool_choice without tools"}});
}

TEST(RequestRulesInteractions, TakesAndRefusesWhatTheApiDoes) {
  const auto check = [](std::string_view body) {
    return check_interactions(body, {{"v1_1", {"1"}}});
  };
  const std::string ask = R"({"type":"user_input","content":[{"type":"text","text":"go"}]},)";
  const auto call = [](const std::string& id) {
    return R"({"type":"function_call","id":")" + id + R"(","name":"f","arguments":{}},)";
  };
  const auto result = [](const std::string& id, const std::string& value = R"("1")",
                         const std::string& name = "f") {
    return R"({"type":"function_result","call_id":")" + id + R"(","name":")" + name +
           R"(","result":)" + value + R"(,"is_error":false})";
  };
  EXPECT_EQ(check(input(ask + call("1") + result("1"))), Problems{});
  EXPECT_EQ(check(input(result("1", "{}"), R"(,"previous_interaction_id":"v1_1")")), Problems{});
  expect_refused(
      check,
      {{input(ask + call("1") + R"({"type":"user_input","content":[{"type":"text"}]})"),
        "no tool output found"},
       {input(ask + result("1")), "no call found"},
       {input(ask + call("1") + call("2") + result("2") + "," + result("1")), "calls' order"},
       {input(ask + call("1") + result("1", "\"\"")), "result is empty"},
       {input(ask + call("1") + result("1", "1")), "result is empty"},
       {input(ask + call("1") + result("1", "\"1\"", "g")), "another name"},
       {input(R"({"type":"function_call","id":"1","name":"f","arguments":"{}"},)" + result("1")),
        "wrong form"},
       {input(R"({"type":"function_call","id":"1","name":"","arguments":{}},)" +
              result("1", "\"1\"", "")),
        "not a function's name"},
       {input(R"({"type":"user_input","content":[]})"), "content is empty"},
       {input(ask + R"({"type":"model_output","content":[{"type":"text","text":"a"}]})"),
        "last item is the model's"},
       {input(result("1"), R"(,"previous_interaction_id":"v1_9")"), "nothing is known"},
       {input(ask + call("1") + result("1"), R"(,"contents":[])"), "unknown name"},
       {input(ask + call("1") + result("1"), R"(,"tools":[{"parameters":{"required":[]}}])"),
        "requires []"},
       {input(ask + call("1") + result("1"), R"(,"generation_config":{"tool_choice":"auto"})"),
        "tool_choice without tools"}});
}

TEST(RequestRules, FindsWhatDidNotComeBackAsItWas) {
  EXPECT_EQ(find_missing("a b a", {"a", "b", "a"}), "");
  EXPECT_EQ(find_missing("a b", {"b", "a"}), "a");
  EXPECT_EQ(find_missing("a b", {"a", "a"}), "a");
}

}  // namespace
}  // namespace atonce::protocol::rules
