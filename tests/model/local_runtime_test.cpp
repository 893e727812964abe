// llama.cpp behind its door, and prompts' states on disk: needs the embedded model's file in the
// cache (tools/fetch_model.sh) and skips without.

#include "model/local_runtime.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"
#include "model/grammar.h"
#include "model/local_calls.h"
#include "model/local_files.h"
#include "model/local_state.h"

namespace atonce::model {
namespace {

namespace fs = std::filesystem;

class LocalRuntimeTest : public NeedsModelFile {
 protected:
  static std::unique_ptr<LocalRuntime> open_runtime() {
    auto runtime = LocalRuntime::open({.path = model_path(), .context_tokens = 512, .threads = 1});
    if (!runtime) ADD_FAILURE() << runtime.error().message;
    return runtime ? std::move(*runtime) : nullptr;
  }

  static void feed(LocalRuntime& runtime, std::string_view text) {
    ASSERT_TRUE(runtime.feed(Sequence::calls, runtime.tokenize(text, true)));
  }

  static std::string continued(LocalRuntime& runtime, const GenerateOptions& how) {
    const auto text = runtime.generate(Sequence::calls, how);
    return text ? text->text : text.error().message;
  }
};

TEST_F(LocalRuntimeTest, StopsBetweenTwoTokens) {
  const auto runtime = open_runtime();
  feed(*runtime, "One, two, three, four,");

  const auto text = runtime->generate(Sequence::calls, {.is_complete = [&](std::string_view) {
                                        std::thread([&] { runtime->cancel(); }).join();
                                        return false;
                                      }});

  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::cancelled);
}

TEST_F(LocalRuntimeTest, WritesOnlyWhatTheGrammarAllows) {
  const std::vector<call::ToolSpec> tools{
      {.name = "f", .description = "", .input_schema = R"({"properties":{
        "text":{"type":"string","minLength":1,"maxLength":8},"day":{"type":"string","format":"date"},
        "count":{"type":"integer","minimum":0},"list":{"type":"array","items":{"type":"number"},"maxItems":1},
        "pair":{"type":"array","prefixItems":[{"type":"boolean"},{"type":"null"}]},
        "kind":{"enum":["a \"b\"",2,null]},"tree":{"$ref":"#/$defs/Tree"},
        "at":{"type":"string","format":"date-time"},"none":{"type":"array","maxItems":0}},
        "required":["text","day","count","list","pair","kind","tree","at","none"],
        "$defs":{"Tree":{"type":"object","properties":{"left":{"anyOf":[{"$ref":"#/$defs/Tree"},{"type":"null"}]}},
          "required":["left"]}}})"}};
  const auto grammar = make_call_grammar(tools, {.may_reply = false, .most_calls = 1});
  const auto runtime = open_runtime();
  feed(*runtime, "The weather is nice today, and");

  const std::string block = continued(*runtime, {.grammar = *grammar, .most_tokens = 200});

  const auto calls = read_call_block(block);
  ASSERT_TRUE(calls) << calls.error().message;
  ASSERT_EQ(calls->size(), 1U) << block;
  const auto arguments = json::Document::parse(calls->front().arguments);
  EXPECT_EQ(arguments->root().find("none")->raw(), "[]");
  EXPECT_EQ(arguments->root().find("list")->kind(), json::Kind::array);
  EXPECT_TRUE(arguments->root().find("pair")->items()[1].is(json::Kind::null)) << block;
}

TEST_F(LocalRuntimeTest, RefusesAGrammarThatIsNone) {
  const auto runtime = open_runtime();
  feed(*runtime, "Well,");

  const auto text = runtime->generate(Sequence::calls, {.grammar = "root ::= lost"});

  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::bad_input);
}

TEST_F(LocalRuntimeTest, ScoresALikelyContinuationHigherAndLeavesTheSequenceAlone) {
  const auto runtime = open_runtime();
  feed(*runtime, "The capital of France is");
  const GenerateOptions how{.most_tokens = 3};

  const auto likely = runtime->score(Sequence::calls, runtime->tokenize(" Paris", false));
  const auto unlikely = runtime->score(Sequence::calls, runtime->tokenize(" sugar", false));
  const std::string text = continued(*runtime, how);

  ASSERT_TRUE(likely && unlikely);
  EXPECT_GT(*likely, *unlikely + 2);
  EXPECT_LE(*likely, 0);
  EXPECT_TRUE(text.starts_with(" Paris")) << text;
}

TEST_F(LocalRuntimeTest, GoesOnAlikeFromASavedState) {
  const StateFolder states(own_folder(), model_path());
  const std::string beginning = "Once upon a time there was a";
  const std::string whole = beginning + " king who";
  const GenerateOptions how{.most_tokens = 8};
  const auto first = open_runtime();
  feed(*first, beginning);
  states.save(*first, Sequence::calls);
  feed(*first, whole);
  const std::string text = continued(*first, how);

  const auto second = open_runtime();
  const std::vector<Token> tokens = second->tokenize(beginning, true);
  EXPECT_TRUE(states.load(*second, Sequence::calls, tokens));
  EXPECT_TRUE(std::ranges::equal(second->held(Sequence::calls), tokens));
  feed(*second, whole);

  EXPECT_EQ(continued(*second, how), text);
}

TEST_F(LocalRuntimeTest, TakesADamagedStateAsNone) {
  const fs::path folder = own_folder();
  const StateFolder states(folder, model_path());
  const auto runtime = open_runtime();
  feed(*runtime, "Once upon a time");
  states.save(*runtime, Sequence::calls);
  const std::vector<Token> tokens = runtime->tokenize("Once upon a time", true);
  const fs::path file = fs::directory_iterator(folder)->path();
  const std::string whole = read_text(file);

  std::string changed = whole;
  changed[whole.size() / 2] = static_cast<char>(changed[whole.size() / 2] ^ 1);
  for (const std::string& damaged : {changed, whole.substr(0, whole.size() - 1),
                                     whole.substr(0, 10), std::string(), whole + "x"}) {
    write_text(file, damaged);
    EXPECT_FALSE(states.load(*runtime, Sequence::calls, tokens)) << damaged.size() << " bytes";
  }
  write_text(file, whole);
  EXPECT_TRUE(states.load(*runtime, Sequence::calls, tokens));
}

TEST_F(LocalRuntimeTest, KeepsOnlyTheNewestStates) {
  const fs::path folder = own_folder();
  const StateFolder states(folder, model_path());
  const auto runtime = open_runtime();

  for (int i = 0; i < 12; ++i) {
    feed(*runtime, "Number " + std::to_string(i));
    states.save(*runtime, Sequence::calls);
  }

  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 8);
  EXPECT_TRUE(states.load(*runtime, Sequence::calls, runtime->tokenize("Number 11", true)));
}

}  // namespace
}  // namespace atonce::model
