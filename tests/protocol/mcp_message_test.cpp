#include "protocol/mcp_message.h"

#include <gtest/gtest.h>

#include <vector>

#include "protocol/mcp_revision.h"

namespace atonce::protocol::mcp {
namespace {

using Kind = Message::Kind;

Batch read(std::string_view text) {
  auto batch = read_batch(text);
  if (!batch) ADD_FAILURE() << batch.error().message << " of " << text;
  return batch ? *std::move(batch) : Batch{.document = *json::Document::parse("0"), .messages = {}};
}

TEST(McpMessage, IsARequestANotificationOrAResponse) {
  const Batch request = read(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  const Batch notification = read(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  const Batch result = read(R"({"jsonrpc":"2.0","id":"q","result":{"a":1}})");
  const Batch error = read(R"({"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"no"}})");

  EXPECT_EQ(request.messages.at(0).kind(), Kind::request);
  EXPECT_EQ(request.messages.at(0).method(), "ping");
  EXPECT_EQ(notification.messages.at(0).kind(), Kind::notification);
  EXPECT_EQ(notification.messages.at(0).id(), "");
  EXPECT_EQ(result.messages.at(0).kind(), Kind::response);
  EXPECT_EQ(result.messages.at(0).result()->raw(), R"({"a":1})");
  EXPECT_EQ(error.messages.at(0).kind(), Kind::response);
  EXPECT_TRUE(error.messages.at(0).error());
}

TEST(McpMessage, KeepsAnIdAsItWasWritten) {
  for (const std::string_view id : {"0", "-3", "9007199254740993", R"("")", R"("a\"b")", R"("1")",
                                    R"("\u00e9")", "123456789012345678901234567890"}) {
    const Batch batch = read(R"({"jsonrpc":"2.0","method":"ping","id": )" + std::string(id) + " }");

    EXPECT_EQ(batch.messages.at(0).kind(), Kind::request) << id;
    EXPECT_EQ(batch.messages.at(0).id(), id);
  }
}

TEST(McpMessage, ShowsWhatIsInItsParameters) {
  const Batch batch = read(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)"
                           R"({"name":"add","count":3,"_meta":{"progressToken":"p"}}})");
  const Message& message = batch.messages.at(0);

  EXPECT_EQ(message.text_param("name"), "add");
  EXPECT_EQ(message.text_param("count"), "");
  EXPECT_EQ(message.text_param("none"), "");
  EXPECT_EQ(message.param("count")->raw(), "3");
  EXPECT_EQ(message.meta("progressToken")->raw(), R"("p")");
  EXPECT_FALSE(message.meta("none"));
}

TEST(McpMessage, HasNoParametersWhereTheyAreNoObject) {
  for (const std::string_view params : {"[1]", "null", "\"text\"", "5"}) {
    const Batch batch =
        read(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":)" + std::string(params) + "}");

    EXPECT_FALSE(batch.messages.at(0).param("name")) << params;
    EXPECT_FALSE(batch.messages.at(0).meta("progressToken")) << params;
  }
}

TEST(McpMessage, IsRefusedWhereItIsNone) {
  struct Case {
    std::string_view text;
    int code;
  };
  const std::vector<Case> cases{
      {"", kParseError},
      {"{", kParseError},
      {R"({"jsonrpc":"2.0","id":1,"method":"ping"} x)", kParseError},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", kParseError},
      {std::string_view("\0", 1), kParseError},
      {"5", kInvalidRequest},
      {"[]", kInvalidRequest},
      {"[5]", kInvalidRequest},
      {"{}", kInvalidRequest},
      {R"({"id":1,"method":"ping"})", kInvalidRequest},
      {R"({"jsonrpc":"1.0","id":1,"method":"ping"})", kInvalidRequest},
      {R"({"jsonrpc":2.0,"id":1,"method":"ping"})", kInvalidRequest},
      {R"({"jsonrpc":"2.0","id":null,"method":"ping"})", kInvalidRequest},
      {R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", kInvalidRequest},
      {R"({"jsonrpc":"2.0","id":1.0,"method":"ping"})", kInvalidRequest},
      {R"({"jsonrpc":"2.0","id":1e2,"method":"ping"})", kInvalidRequest},
      {R"({"jsonrpc":"2.0","id":true,"method":"ping"})", kInvalidRequest},
      {R"({"jsonrpc":"2.0","id":[1],"method":"ping"})", kInvalidRequest},
      {R"({"jsonrpc":"2.0","id":{},"method":"ping"})", kInvalidRequest},
      {R"({"jsonrpc":"2.0","id":1,"method":5})", kInvalidRequest},
      {R"({"jsonrpc":"2.0","id":1})", kInvalidRequest},
      {R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})", kInvalidRequest},
      {R"({"jsonrpc":"2.0","result":{}})", kInvalidRequest},
  };
  for (const Case& each : cases) {
    const auto batch = read_batch(each.text);

    ASSERT_FALSE(batch) << each.text;
    EXPECT_EQ(batch.error().code, each.code) << each.text;
    EXPECT_FALSE(batch.error().message.empty()) << each.text;
  }
}

TEST(McpMessage, TooDeepIsRefusedBeforeAnybodyLooks) {
  const std::string deep(100'000, '[');

  const auto batch = read_batch(deep + std::string(100'000, ']'));

  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code, kParseError);
}

TEST(McpBatch, HoldsItsMessagesInOrder) {
  const Batch batch =
      read(R"([{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","method":"b"},)"
           R"({"jsonrpc":"2.0","id":2,"result":{}}])");

  EXPECT_TRUE(batch.is_array);
  ASSERT_EQ(batch.messages.size(), 3U);
  EXPECT_EQ(batch.messages[0].method(), "a");
  EXPECT_EQ(batch.messages[1].kind(), Kind::notification);
  EXPECT_EQ(batch.messages[2].kind(), Kind::response);
  EXPECT_FALSE(read(R"({"jsonrpc":"2.0","id":1,"method":"a"})").is_array);
}

TEST(McpBatch, KeepsItsMessagesWhenItMoves) {
  Batch first = read(R"({"jsonrpc":"2.0","id":1,"method":"a","params":{"name":"n"}})");

  const Batch moved = std::move(first);

  EXPECT_EQ(moved.messages.at(0).text_param("name"), "n");
}

TEST(McpWriting, GivesJsonRpc) {
  EXPECT_EQ(write_response("1", "{}"), R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_EQ(write_notification("n", ""), R"({"jsonrpc":"2.0","method":"n"})");
  EXPECT_EQ(write_notification("n", R"({"a":1})"),
            R"({"jsonrpc":"2.0","method":"n","params":{"a":1}})");
  EXPECT_EQ(write_request(R"("q-1")", "roots/list", ""),
            R"({"jsonrpc":"2.0","id":"q-1","method":"roots/list"})");
  EXPECT_EQ(write_error(R"("x")", {kInvalidParams, "say \"please\"", R"({"a":1})"}),
            R"({"jsonrpc":"2.0","id":"x","error":{"code":-32602,"message":"say \"please\"",)"
            R"("data":{"a":1}}})");
}

TEST(McpWriting, LeavesOutAnIdThatIsNotKnown) {
  EXPECT_EQ(write_error("", {kParseError, "bad"}),
            R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"bad"}})");
}

TEST(McpWriting, IsUtf8WhateverTheMessage) {
  const std::string text = write_error("1", {kInternalError, "\xff\xfe"});

  EXPECT_TRUE(json::Document::parse(text)) << text;
}

TEST(McpWriting, GivesEachErrorItsStatus) {
  EXPECT_EQ(status_of(kMethodNotFound), 404);
  EXPECT_EQ(status_of(kInternalError), 200);
  for (const int code : {kParseError, kInvalidRequest, kInvalidParams, kHeaderMismatch,
                         kMissingCapability, kUnsupportedVersion}) {
    EXPECT_EQ(status_of(code), 400) << code;
  }
}

TEST(McpRevision, HasANameThatIsRead) {
  for (const Revision revision : kRevisions) EXPECT_EQ(revision_of(name_of(revision)), revision);
  EXPECT_FALSE(revision_of("2025-06-19"));
  EXPECT_FALSE(revision_of(""));
}

TEST(McpRevision, SaysWhatItHas) {
  EXPECT_FALSE(has_audio(Revision::v2024_11_05));
  EXPECT_TRUE(has_audio(Revision::v2025_03_26));
  EXPECT_FALSE(has_structure(Revision::v2025_03_26));
  EXPECT_TRUE(has_structure(Revision::v2025_06_18));
  EXPECT_FALSE(is_modern(kNewestLegacy));
  EXPECT_TRUE(is_modern(Revision::v2026_07_28));
}

}  // namespace
}  // namespace atonce::protocol::mcp
