#include "model/random_answers.h"

#include "base/json.h"
#include "protocol/gemini.h"
#include "protocol/interactions.h"
#include "protocol/openai_chat.h"
#include "protocol/openai_responses.h"

namespace atonce::model {
namespace {

namespace gemini = protocol::gemini;
namespace interactions = protocol::interactions;
namespace openai_chat = protocol::openai_chat;
namespace openai_responses = protocol::openai_responses;
using protocol::Finish;
using protocol::ModelTurn;

enum class Ids { all_different, absent, empty, all_the_same, some };

// What one answer says, before a wire has its say.
struct Plan {
  std::string text;
  std::vector<std::string> names;
  std::size_t number = 0;
  bool is_tidy = true;
  Ids ids = Ids::all_different;
};

std::string random_name(Random& random, bool is_tidy) {
  if (is_tidy) return random.pick_text({"add", "add", "sub", "wipe", "nope"});
  return random.pick_text({"add", "sub", "wipe", "nope", "default_api.add", "add numbers", "",
                           "\xC3\xA4",
                           "a_name_that_is_longer_than_any_provider_takes_because_it_never_ends_"});
}

Plan make_plan(Random& random, std::size_t number) {
  Plan plan{.text = random.chance(40)
                        ? random.pick_text({"Let me see.", " ", "\xC3\xA4 \"quoted\""})
                        : "",
            .names = {},
            .number = number,
            .is_tidy = random.chance(60)};
  const std::size_t calls = random.chance(30) ? 0 : 1 + random.below(6);
  for (std::size_t at = 0; at < calls; ++at) {
    plan.names.push_back(random_name(random, plan.is_tidy));
  }
  if (!plan.is_tidy) {
    plan.ids =
        random.pick({Ids::all_different, Ids::absent, Ids::empty, Ids::all_the_same, Ids::some});
  }
  return plan;
}

// As a member with a comma after it; empty where there is none.
std::string id_member(Random& random, const Plan& plan, std::size_t at, const std::string& key) {
  const std::string quoted =
      json::quoted("id-" + std::to_string(plan.number) + "-" + std::to_string(at));
  switch (plan.ids) {
    case Ids::all_different: return "\"" + key + "\":" + quoted + ",";
    case Ids::absent: return "";
    case Ids::empty: return "\"" + key + "\":\"\",";
    case Ids::all_the_same: return "\"" + key + "\":\"same\",";
    case Ids::some: return random.chance(50) ? "\"" + key + "\":" + quoted + "," : "";
  }
  return "";
}

std::string random_arguments(Random& random) {
  return random.pick_text({"{}", R"({"a": 3.0, "b":12345678901234567890})", R"({"a":1,"b":2})",
                           R"({"nested" : {"x":[1,{"y":null}]}})"});
}

// Items joined by commas.
std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

std::string gemini_part(Random& random, const Plan& plan, std::size_t at) {
  std::string args = ",\"args\":" + random_arguments(random);
  if (random.chance(15)) args = plan.is_tidy ? "" : ",\"args\":null";
  // Gemini itself gives every call a name, if only an invented one.
  const std::string name = plan.names[at].empty() ? "unheard.of" : plan.names[at];
  std::string part = "{\"functionCall\":{" + id_member(random, plan, at, "id") +
                     "\"name\":" + json::quoted(name) + args + "}";
  if (at == 0) part += ", \"thoughtSignature\":\"c2lnbmVk\"";
  return part + "}";
}

RandomAnswer answer_gemini(Random& random, const Plan& plan) {
  std::vector<std::string> parts;
  if (random.chance(20)) parts.emplace_back(R"({"text":"hm","thought":true})");
  if (!plan.text.empty()) parts.push_back("{\"text\":" + json::quoted(plan.text) + "}");
  if (random.chance(10))
    parts.emplace_back(R"({"executableCode":{"language":"PYTHON","code":"1"}})");
  for (std::size_t at = 0; at < plan.names.size(); ++at) {
    parts.push_back(gemini_part(random, plan, at));
  }
  if (plan.names.empty() && random.chance(30)) {
    parts.emplace_back(R"({"text":"","thoughtSignature":"bGF0ZQ=="})");
  }
  const std::string role = plan.is_tidy || random.chance(50) ? R"("role": "model",)" : "";
  const std::string content = "{" + role + "\"parts\":[" + joined(parts) + "]}";
  const std::string finish = random.chance(80)
                                 ? "STOP"
                                 : random.pick_text({"MAX_TOKENS", "MALFORMED_FUNCTION_CALL",
                                                     "SAFETY", "UNEXPECTED_TOOL_CALL", "OTHER"});
  RandomAnswer answer{.turn = gemini::read_response("{\"candidates\":[{\"content\":" + content +
                                                    ",\"finishReason\":\"" + finish + "\"}]}")};
  if (plan.is_tidy && !parts.empty()) answer.verbatim = {content};
  return answer;
}

std::string chat_call(Random& random, const Plan& plan, std::size_t at) {
  std::string arguments = json::quoted(random_arguments(random));
  if (!plan.is_tidy) {
    arguments = random.pick<std::string>({arguments, "\"\"", "\"  \"", "\"{oops\"", "{}", "null"});
  } else if (random.chance(20)) {
    arguments = "\"{oops\"";  // which they are free to write, and must be answered
  }
  const std::string type = plan.is_tidy || random.chance(50) ? R"("type":"function",)" : "";
  const std::string name = "\"name\":" + json::quoted(plan.names[at]);
  return "{" + id_member(random, plan, at, "id") + type + "\"function\": {" + name +
         (plan.is_tidy || random.chance(80) ? ",\"arguments\":" + arguments : "") + "}}";
}

RandomAnswer answer_chat(Random& random, const Plan& plan) {
  std::vector<std::string> calls;
  for (std::size_t at = 0; at < plan.names.size(); ++at) {
    calls.push_back(chat_call(random, plan, at));
  }
  std::string message = R"({"role": "assistant","content":)";
  message += plan.text.empty() ? random.pick_text({"null", "\"\""}) : json::quoted(plan.text);
  if (random.chance(20)) message += R"(,"reasoning_content":"hm")";
  if (!calls.empty()) message += ",\"tool_calls\":[" + joined(calls) + "]";
  message += "}";
  const std::string finish =
      random.chance(80) ? "stop" : random.pick_text({"length", "content_filter", "tool_calls"});
  RandomAnswer answer{
      .turn = openai_chat::read_response("{\"choices\":[{\"index\":0,\"message\":" + message +
                                         ",\"finish_reason\":\"" + finish + "\"}]}")};
  if (plan.is_tidy) answer.verbatim = {message};
  return answer;
}

// The frame of an answer of Responses or Interactions, which remember their tidy answers.
std::string frame(const Plan& plan, const std::string& status, const std::string& list,
                  const std::vector<std::string>& items) {
  const std::string id =
      plan.is_tidy ? R"("id":"answer-)" + std::to_string(plan.number) + "\"," : "";
  return "{" + id + R"("status":")" + status + R"(",")" + list + "\":[" + joined(items) + "]}";
}

RandomAnswer answer_responses(Random& random, const Plan& plan) {
  std::vector<std::string> items;
  if (random.chance(30)) items.emplace_back(R"({"type":"reasoning","id":"rs_1","summary": []})");
  if (!plan.text.empty() || (items.empty() && plan.names.empty())) {
    items.push_back(
        R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":)" +
        json::quoted(plan.text) + "}]}");
  }
  for (std::size_t at = 0; at < plan.names.size(); ++at) {
    std::string arguments = "\"arguments\":" + json::quoted(random_arguments(random)) + ",";
    if (!plan.is_tidy) {
      arguments = random.pick<std::string>(
          {arguments, "", R"("arguments":{},)", R"("arguments":"",)", R"("arguments":null,)"});
    }
    items.push_back(R"({"type":"function_call",)" + id_member(random, plan, at, "call_id") +
                    arguments + "\"name\" :" + json::quoted(plan.names[at]) + "}");
  }
  const std::string status = random.chance(85) ? "completed" : "incomplete";
  RandomAnswer answer{.turn =
                          openai_responses::read_response(frame(plan, status, "output", items))};
  if (plan.is_tidy) answer.verbatim = items;
  return answer;
}

RandomAnswer answer_interactions(Random& random, const Plan& plan) {
  std::vector<std::string> steps;
  if (random.chance(40)) steps.emplace_back(R"({"type":"thought", "signature":"c2ln"})");
  if (!plan.text.empty()) {
    steps.push_back(R"({"type":"model_output","content":[{"type":"text","text":)" +
                    json::quoted(plan.text) + "}]}");
  }
  for (std::size_t at = 0; at < plan.names.size(); ++at) {
    std::string arguments = "\"arguments\":" + random_arguments(random) + ",";
    if (!plan.is_tidy) {
      arguments =
          random.pick<std::string>({arguments, "", R"("arguments":null,)", R"("arguments":"{}",)"});
    }
    steps.push_back(R"({"type":"function_call",)" + id_member(random, plan, at, "id") + arguments +
                    "\"name\" :" + json::quoted(plan.names[at]) + "}");
  }
  const std::string status = plan.names.empty() ? "completed" : "requires_action";
  RandomAnswer answer{.turn = interactions::read_response(
                          frame(plan, random.chance(85) ? status : "incomplete", "steps", steps))};
  if (plan.is_tidy) answer.verbatim = steps;
  return answer;
}

// A turn that came over no wire, as the embedded model's do.
RandomAnswer answer_without_a_wire(Random& random, const Plan& plan) {
  ModelTurn turn{.text = plan.text,
                 .finish = random.chance(80) ? Finish::stop
                                             : random.pick({Finish::malformed_call, Finish::length,
                                                            Finish::unexpected_call})};
  for (std::size_t at = 0; at < plan.names.size(); ++at) {
    const bool has_id = plan.ids == Ids::all_different;
    turn.calls.push_back({.id = has_id ? "local-" + std::to_string(at) : "",
                          .name = plan.names[at],
                          .arguments = plan.is_tidy ? random_arguments(random) : "{oops"});
  }
  return {.turn = std::move(turn)};
}

}  // namespace

RandomAnswer random_answer(Random& random, std::size_t number) {
  if (random.chance(4)) return {.turn = failure(ErrorCode::unavailable, "503")};
  const Plan plan = make_plan(random, number);
  switch (random.below(5)) {
    case 0: return answer_gemini(random, plan);
    case 1: return answer_chat(random, plan);
    case 2: return answer_responses(random, plan);
    case 3: return answer_interactions(random, plan);
    default: return answer_without_a_wire(random, plan);
  }
}

call::Outcome random_outcome(Random& random) {
  switch (random.below(7)) {
    case 0:
      return call::Raised{"ValueError", random.pick_text({"no \"such\" thing", ""}), "line 1"};
    case 1: return call::Invalid{"invalid_arguments", "`a` is missing", "[]"};
    case 2: return call::TimedOut{std::chrono::milliseconds(50)};
    case 3: return call::Cancelled{};
    case 4: return call::NotStarted{"the queue is full"};
    case 5: return call::Interrupted{"the process ended"};
    default: break;
  }
  return call::Returned{random.pick_text(
      {"1", "3.0", "null", "true", "\"\"", "\"text\"", "{}", "[]", R"({"c": 4})",
       "\"{\\\"a\\\":1}\"", R"({"chart":{"media_type":"image/png","data":"AAAA"}})"})};
}

}  // namespace atonce::model
