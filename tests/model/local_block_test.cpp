#include "model/local_block.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"

namespace atonce::model {
namespace {

using protocol::Finish;
using protocol::ModelTurn;

// Keeps what it is told, in order: texts as they are, calls as "id name arguments".
class Told final : public protocol::StreamListener {
 public:
  void on_text(std::string_view piece) override {
    EXPECT_EQ(json::to_valid_utf8(piece), piece);
    pieces.emplace_back(piece);
  }
  void on_call(const call::Call& call) override {
    calls.push_back(call.id + " " + call.name + " " + call.arguments);
  }

  [[nodiscard]] std::string text() const {
    std::string all;
    for (const std::string& piece : pieces) all += piece;
    return all;
  }

  std::vector<std::string> pieces;
  std::vector<std::string> calls;
};

bool is_new(const call::Call&) { return false; }

// Shows the block byte by byte, as the smallest tokens there are; whether it ended complete.
bool show_growing(BlockReader& reader, std::string_view block) {
  bool is_complete = false;
  for (std::size_t size = 1; size <= block.size(); ++size) {
    EXPECT_FALSE(is_complete) << size;
    is_complete = reader.show(block.substr(0, size));
  }
  return is_complete;
}

TEST(BlockReader, TellsEachCallWithTheEndOfItsLine) {
  ModelTurn turn;
  Told told;
  BlockReader reader(turn, &told, is_new, 1);

  EXPECT_FALSE(reader.show("add(a=1, b=2)"));
  EXPECT_TRUE(told.calls.empty());
  EXPECT_FALSE(reader.show("add(a=1, b=2)\ndiv(a=1"));
  EXPECT_EQ(told.calls, std::vector<std::string>{R"(call_1 add {"a":1,"b":2})"});
  EXPECT_TRUE(reader.show("add(a=1, b=2)\ndiv(a=1, b=0)\n```"));

  EXPECT_EQ(told.calls, (std::vector<std::string>{R"(call_1 add {"a":1,"b":2})",
                                                  R"(call_2 div {"a":1,"b":0})"}));
  ASSERT_EQ(turn.calls.size(), 2U);
  EXPECT_EQ(turn.calls[1].id, "call_2");
  EXPECT_EQ(turn.finish, Finish::stop);
  EXPECT_TRUE(told.pieces.empty());
}

TEST(BlockReader, ReadsABlockAlikeHoweverItIsSplit) {
  const std::string block = "say(text=\"a\\nb \xC3\xA9\")\nsay(text=\"```\")\n```";
  ModelTurn slow;
  ModelTurn fast;
  BlockReader slowly(slow, nullptr, is_new, 1);
  BlockReader at_once(fast, nullptr, is_new, 1);

  EXPECT_TRUE(show_growing(slowly, block));
  EXPECT_TRUE(at_once.show(block));

  EXPECT_EQ(slow.calls, fast.calls);
  ASSERT_EQ(slow.calls.size(), 2U);
  EXPECT_EQ(slow.calls[0].arguments, "{\"text\":\"a\\nb \xC3\xA9\"}");
}

TEST(BlockReader, LeavesOutCallsThatAreKnownOrRepeated) {
  ModelTurn turn;
  Told told;
  const auto is_known = [](const call::Call& call) { return call.name == "old"; };
  BlockReader reader(turn, &told, is_known, 5);

  EXPECT_TRUE(reader.show("old(a=1)\nnew(a=1)\nnew(a=1)\nnew(a=2)\n```"));

  EXPECT_EQ(told.calls,
            (std::vector<std::string>{R"(call_5 new {"a":1})", R"(call_6 new {"a":2})"}));
  EXPECT_EQ(turn.calls.size(), 2U);
}

TEST(BlockReader, SaysWhichLineCannotBeReadAndKeepsTheOthers) {
  ModelTurn turn;
  BlockReader reader(turn, nullptr, is_new, 1);

  EXPECT_TRUE(reader.show("add(1, 2)\nadd(a=1)\n```"));

  EXPECT_EQ(turn.finish, Finish::malformed_call);
  EXPECT_NE(turn.finish_detail.find("add(1, 2)"), std::string::npos) << turn.finish_detail;
  EXPECT_EQ(turn.calls.size(), 1U);
}

TEST(BlockReader, TellsAReplyInWholeCharactersAsItGrows) {
  const std::string block =
      "reply_to_user(text=\"It\\u2019s 3 \xE2\x82\xAC, \\ud83d\\ude00 \\\"so\\\".\\n\")\n```";
  ModelTurn turn;
  Told told;
  BlockReader reader(turn, &told, is_new, 1);

  EXPECT_TRUE(show_growing(reader, block));

  EXPECT_EQ(turn.text, "It\xE2\x80\x99s 3 \xE2\x82\xAC, \xF0\x9F\x98\x80 \"so\".\n");
  EXPECT_EQ(told.text(), turn.text);
  EXPECT_GT(told.pieces.size(), 10U);
  EXPECT_TRUE(turn.calls.empty());
  EXPECT_TRUE(told.calls.empty());
}

TEST(BlockReader, TakesAFunctionWithALongerNameForNoReply) {
  ModelTurn turn;
  BlockReader reader(turn, nullptr, is_new, 1);

  EXPECT_TRUE(reader.show("reply_to_user_later(text=\"x\")\n```"));

  ASSERT_EQ(turn.calls.size(), 1U);
  EXPECT_EQ(turn.calls[0].name, "reply_to_user_later");
  EXPECT_TRUE(turn.text.empty());
}

struct Cut {
  const char* block;
  const char* text;
};

class CutReply : public testing::TestWithParam<Cut> {};

TEST_P(CutReply, IsReadUpToItsLastWholeCharacter) {
  EXPECT_EQ(read_reply(GetParam().block), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Replies, CutReply,
                         testing::Values(Cut{"reply_to_user(text=\"", ""},
                                         Cut{"reply_to_user(text=\"Hel", "Hel"},
                                         Cut{"reply_to_user(text=\"a\\", "a"},
                                         Cut{"reply_to_user(text=\"a\\u20", "a"},
                                         Cut{"reply_to_user(text=\"a\\ud83d", "a"},
                                         Cut{"reply_to_user(text=\"a\\ud83d\\ude", "a"},
                                         Cut{"reply_to_user(text=\"a\xE2\x82", "a"},
                                         Cut{"reply_to_user(text=\"a\\ud83db",
                                             "a\xEF\xBF\xBD"
                                             "b"},
                                         Cut{"reply_to_user(text=\"a\\\"\") and more", "a\""}));

TEST(Reply, IsNoOtherBlock) {
  for (const char* block :
       {"", "reply_to", "reply_to_user(", "add(a=1)", "reply_to_user(words=\""}) {
    EXPECT_EQ(read_reply(block), std::nullopt) << block;
  }
}

TEST(TextReader, TellsWholeCharactersWithoutTheBlanksAround) {
  const std::string bytes = "\n  One \xE2\x82\xAC,\n two.  \n";
  Told told;
  TextReader reader(&told);

  for (std::size_t size = 1; size <= bytes.size(); ++size)
    reader.show_bytes(std::string_view(bytes).substr(0, size));

  EXPECT_EQ(reader.text(), "One \xE2\x82\xAC,\n two.");
  EXPECT_EQ(told.text(), reader.text());
}

TEST(TextReader, ReplacesBytesThatAreNoCharacter) {
  const std::string bytes = "a\xFF\x80z\xF0\x9F";
  Told told;
  TextReader reader(&told);

  for (std::size_t size = 1; size <= bytes.size(); ++size)
    reader.show_bytes(std::string_view(bytes).substr(0, size));

  EXPECT_EQ(reader.text(), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(told.text(), reader.text());
}

}  // namespace
}  // namespace atonce::model
