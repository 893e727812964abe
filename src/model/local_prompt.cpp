#include "model/local_prompt.h"

#include <algorithm>
#include <variant>

#include "base/json.h"
#include "call/outcome.h"
#include "model/local_calls.h"
#include "model/tool_stub.h"
#include "protocol/media.h"

namespace atonce::model {
namespace {

constexpr std::size_t kMostResultBytes = 3000;  // of all results of one round, in the calls prompt

constexpr std::string_view kFixed = R"(<|im_start|>system
You answer questions by calling Python functions. Write one block with every call that the question needs, one call a line, with keyword arguments. All calls of a block run at the same time. Use only the functions that are given, and only values that the user gave or that are common knowledge. When no function can help, write one call of reply_to_user instead.<|im_end|>
<|im_start|>user
```python
def get_temperature(city: str, unit: str = "celsius"):
    """Current temperature in a city."""

def count_visitors(museum: str, year: int):
    """How many people visited a museum in a year."""

def reply_to_user(text: str):
    """Answers in words when no other function can help."""
```
How warm is it in Oslo and in Lima, and how many people went to the Louvre in 2019?<|im_end|>
<|im_start|>assistant
```python
get_temperature(city="Oslo")
get_temperature(city="Lima")
count_visitors(museum="Louvre", year=2019)
```<|im_end|>
<|im_start|>user
Results:
get_temperature(city="Oslo") -> {"celsius": 4.5}
get_temperature(city="Lima") -> {"celsius": 19.0}
count_visitors(museum="Louvre", year=2019) -> 9600000<|im_end|>
<|im_start|>assistant
```python
reply_to_user(text="It is 4.5 degrees Celsius in Oslo and 19 in Lima. 9600000 people went to the Louvre in 2019.")
```<|im_end|>
<|im_start|>user
Good evening!<|im_end|>
<|im_start|>assistant
```python
reply_to_user(text="Good evening! What would you like to know?")
```<|im_end|>
<|im_start|>user
Which language is spoken in Peru?<|im_end|>
<|im_start|>assistant
```python
reply_to_user(text="Mostly Spanish, and Quechua and Aymara.")
```<|im_end|>
<|im_start|>user
How hot is it in Cairo in Fahrenheit?<|im_end|>
<|im_start|>assistant
```python
get_temperature(city="Cairo", unit="fahrenheit")
```<|im_end|>
)";

constexpr std::string_view kUser = "<|im_start|>user\n";
constexpr std::string_view kAssistant = "<|im_start|>assistant\n";
constexpr std::string_view kEnd = "<|im_end|>\n";
constexpr std::string_view kBlock = "```python\n";

constexpr std::string_view kReplyStub = R"(def reply_to_user(text: str):
    """Answers in words when no other function can help."""
)";

constexpr std::string_view kTextRole = "You are a helpful assistant. Answer briefly.";
constexpr std::string_view kResultsRole =
    "You answer the user's question in one or two sentences, using only the results of the "
    "functions. "
    "Copy names, dates and numbers exactly as the results give them.";

std::string cut(std::string text, std::size_t most_bytes) {
  constexpr std::string_view kGap = " ... ";
  if (text.size() <= most_bytes) return text;
  const std::size_t half = most_bytes / 2;
  return json::to_valid_utf8(text.substr(0, half) + std::string(kGap) +
                             text.substr(text.size() - half));
}

// Text that is not ours, kept from being read as the end of a turn or the beginning of another.
std::string foreign(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text.substr(i).starts_with("<|")) out += ' ';
  }
  return out;
}

std::string result_text(const call::Outcome& whole, std::size_t most_bytes) {
  const call::Outcome outcome = protocol::extract_media(whole, protocol::not_shown).outcome;
  const std::string text = cut(call::describe(outcome), most_bytes);
  return std::holds_alternative<call::Returned>(outcome) ? text : "failed: " + text;
}

std::string write_results(const Question::Round& round, std::size_t most_bytes) {
  std::string text;
  const std::size_t each = most_bytes / std::max<std::size_t>(1, round.calls.size());
  for (const call::Finished& finished : round.calls) {
    text += foreign(write_call_line(finished.call) + " -> " + result_text(finished.outcome, each)) +
            "\n";
  }
  return text;
}

std::string write_block(const Question::Round& round) {
  std::string text(kBlock);
  for (const call::Finished& finished : round.calls)
    text += foreign(write_call_line(finished.call)) + "\n";
  return text + "```";
}

std::string write_reply_block(const std::string& text) {
  return std::string(kBlock) + "reply_to_user(text=" + json::quoted(foreign(text)) + ")\n```";
}

std::string turn(std::string_view opening, const std::string& text) {
  return std::string(opening) + text + std::string(kEnd);
}

}  // namespace

std::vector<Question> read_questions(std::span<const protocol::Message> messages) {
  std::vector<Question> questions;
  for (const protocol::Message& message : messages) {
    if (const auto* user = std::get_if<protocol::UserText>(&message)) {
      questions.push_back({.text = user->text});
    } else if (questions.empty()) {
      questions.emplace_back();  // a conversation that begins with the model: nothing was asked yet
    }
    if (const auto* results = std::get_if<protocol::FunctionResults>(&message)) {
      questions.back().rounds.push_back({results->calls});
    } else if (const auto* answer = std::get_if<protocol::ModelTurn>(&message)) {
      if (answer->calls.empty()) questions.back().answer = answer->text;
    }
  }
  return questions;
}

CallsPrompt write_calls_prompt(std::span<const call::ToolSpec> tools, const std::string& system,
                               std::span<const Question> questions) {
  CallsPrompt prompt{.fixed = std::string(kFixed), .tools = std::string(kUser), .question = {}};
  if (!system.empty()) prompt.tools += foreign(system) + "\n\n";
  prompt.tools += "From now on these are the functions:\n" + std::string(kBlock);
  for (const call::ToolSpec& tool : tools) prompt.tools += foreign(make_tool_stub(tool)) + "\n";
  prompt.tools += std::string(kReplyStub) + "```\n";

  std::string& text = prompt.question;
  bool is_first = true;
  for (const Question& question : questions) {
    text += turn(is_first ? std::string_view() : kUser, foreign(question.text));
    is_first = false;
    for (const Question::Round& round : question.rounds) {
      text += turn(kAssistant, write_block(round));
      text += turn(kUser, "Results:\n" + write_results(round, kMostResultBytes));
    }
    if (!question.answer.empty()) text += turn(kAssistant, write_reply_block(question.answer));
  }
  text += std::string(kAssistant) + std::string(kBlock);
  return prompt;
}

std::string write_text_prompt(const std::string& system, std::span<const Question> questions,
                              std::size_t most_result_bytes) {
  const bool has_results = !questions.empty() && !questions.back().rounds.empty();
  std::string text = "<|im_start|>system\n" + std::string(has_results ? kResultsRole : kTextRole);
  if (!system.empty()) text += "\n" + foreign(system);
  text += kEnd;
  for (const Question& question : questions) {
    std::string asked = foreign(question.text);
    std::size_t left = most_result_bytes;
    for (const Question::Round& round : question.rounds) {
      if (&round == &question.rounds.front()) asked += "\n\nResults of the functions:\n";
      const std::string results = write_results(round, left);
      left -= std::min(left, results.size());
      asked += results;
    }
    text += turn(kUser, asked);
    if (!question.answer.empty()) text += turn(kAssistant, foreign(question.answer));
  }
  return text + std::string(kAssistant);
}

}  // namespace atonce::model
