#include "protocol/mcp_http.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/base64.h"

namespace atonce::protocol::mcp {
namespace {

constexpr std::string_view kMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

Batch read(const std::string& text) {
  auto batch = read_batch(text);
  if (!batch) ADD_FAILURE() << batch.error().message << " of " << text;
  return batch ? *std::move(batch) : *read_batch(R"({"jsonrpc":"2.0","method":"none"})");
}

// A request whose parameters have these members.
Batch request(const std::string& method, const std::string& members) {
  return read(R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":{)" + members +
              "}}");
}

Batch modern(const std::string& method, const std::string& members = "") {
  return request(method, std::string(kMeta) + (members.empty() ? "" : ",") + members);
}

HttpFacts saying(std::string_view method, std::optional<std::string_view> name = std::nullopt) {
  return {.version = "2026-07-28", .method = method, .name = name};
}

int code_of(const std::optional<RpcError>& error) { return error ? error->code : 0; }

// ---- which era

TEST(McpEra, IsWhatHeaderAndMessageSayTogether) {
  enum class Wanted { legacy, modern, mismatch };
  struct Case {
    std::optional<std::string_view> header;
    std::string_view method;
    bool has_meta;
    Wanted wanted;
  };
  const std::vector<Case> cases{
      {std::nullopt, "initialize", false, Wanted::legacy},
      {std::nullopt, "initialize", true, Wanted::legacy},
      {std::nullopt, "tools/list", false, Wanted::legacy},
      {std::nullopt, "tools/list", true, Wanted::mismatch},
      {"2025-06-18", "tools/list", false, Wanted::legacy},
      {"2024-11-05", "tools/list", false, Wanted::legacy},
      {"2025-11-25", "tools/list", true, Wanted::mismatch},
      {"2026-07-28", "tools/list", true, Wanted::modern},
      {"2026-07-28", "tools/list", false, Wanted::modern},
      {"2026-07-28", "initialize", false, Wanted::modern},
      {" 2026-07-28\t", "tools/list", true, Wanted::modern},
      {"v999", "tools/list", true, Wanted::modern},
      {"v999", "initialize", false, Wanted::modern},
      {"", "tools/list", false, Wanted::modern},
  };
  for (const Case& each : cases) {
    const std::string about = std::string(each.header.value_or("no header")) + " " +
                              std::string(each.method) + (each.has_meta ? " with" : " without") +
                              " _meta";
    const Batch batch = request(std::string(each.method), each.has_meta ? std::string(kMeta) : "");

    const auto era = era_of({.version = each.header}, batch.messages.front());

    if (each.wanted == Wanted::mismatch) {
      ASSERT_FALSE(era) << about;
      EXPECT_EQ(era.error().code, kHeaderMismatch) << about;
    } else {
      ASSERT_TRUE(era) << about;
      EXPECT_EQ(*era, each.wanted == Wanted::modern ? Era::modern : Era::legacy) << about;
    }
  }
}

// ---- what a modern message must say

TEST(McpModern, IsFineWhenHeadersSayWhatItDoes) {
  EXPECT_FALSE(check_modern(saying("tools/list"), modern("tools/list").messages[0], true));
  EXPECT_FALSE(check_modern(saying("tools/call", "add"),
                            modern("tools/call", R"("name":"add")").messages[0], true));
  EXPECT_FALSE(check_modern(saying(" tools/call ", " add\t"),
                            modern("tools/call", R"("name":"add")").messages[0], true));
  EXPECT_FALSE(check_modern(saying("resources/read", "test://a"),
                            modern("resources/read", R"("uri":"test://a")").messages[0], true));
  EXPECT_FALSE(check_modern(saying("tasks/get", "t1"),
                            modern("tasks/get", R"("taskId":"t1")").messages[0], true));
}

TEST(McpModern, MayEncodeAName) {
  const Batch batch = modern("prompts/get", "\"name\":\"gr\u00fc\u00dfe\"");
  const std::string name = "=?base64?" + to_base64("gr\u00fc\u00dfe") + "?=";

  EXPECT_FALSE(check_modern(saying("prompts/get", name), batch.messages[0], true));
  EXPECT_EQ(
      code_of(check_modern(saying("prompts/get", "=?base64?!!!!?="), batch.messages[0], true)),
      kHeaderMismatch);
}

TEST(McpModern, IsRefusedRowByRow) {
  const std::string no_capabilities =
      R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"})";
  const std::string no_version = R"("_meta":{"io.modelcontextprotocol/clientCapabilities":{}})";
  const std::string later = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"v999",)"
                            R"("io.modelcontextprotocol/clientCapabilities":{}})";
  const std::string meta(kMeta);
  HttpFacts twice = saying("tools/list");
  twice.is_repeated = true;
  HttpFacts unknown = saying("tools/list");
  unknown.version = "v999";
  HttpFacts no_method = saying("tools/list");
  no_method.method = std::nullopt;
  struct Case {
    std::string_view about;
    HttpFacts facts;
    std::string method;
    std::string members;
    int code;
  };
  const std::vector<Case> cases{
      {"repeated headers, before what is missing", twice, "tools/list", "", kHeaderMismatch},
      {"no _meta", saying("tools/list"), "tools/list", "", kInvalidParams},
      {"_meta is no object", saying("tools/list"), "tools/list", R"("_meta":5)", kInvalidParams},
      {"no version", saying("tools/list"), "tools/list", no_version, kInvalidParams},
      {"no capabilities", saying("tools/list"), "tools/list", no_capabilities, kInvalidParams},
      {"_meta before headers", saying("ping"), "tools/list", no_capabilities, kInvalidParams},
      {"version is a number", saying("tools/list"), "tools/list",
       R"("_meta":{"io.modelcontextprotocol/protocolVersion":5,)"
       R"("io.modelcontextprotocol/clientCapabilities":{}})",
       kInvalidParams},
      {"capabilities are a list", saying("tools/list"), "tools/list",
       R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
       R"("io.modelcontextprotocol/clientCapabilities":[]})",
       kInvalidParams},
      {"mismatch before unsupported", saying("tools/list"), "tools/list", later, kHeaderMismatch},
      {"method differs", saying("tools/call"), "tools/list", meta, kHeaderMismatch},
      {"method in capitals", saying("TOOLS/LIST"), "tools/list", meta, kHeaderMismatch},
      {"method is missing", no_method, "tools/list", meta, kHeaderMismatch},
      {"name differs", saying("tools/call", "sub"), "tools/call", meta + R"(,"name":"add")",
       kHeaderMismatch},
      {"name is missing", saying("tools/call"), "tools/call", meta + R"(,"name":"add")",
       kHeaderMismatch},
      {"uri differs", saying("resources/read", "test://b"), "resources/read",
       meta + R"(,"uri":"test://a")", kHeaderMismatch},
      {"task differs", saying("tasks/get", "t2"), "tasks/get", meta + R"(,"taskId":"t1")",
       kHeaderMismatch},
      {"unsupported, headers fine", unknown, "tools/list", later, kUnsupportedVersion},
      {"unsupported, method header wrong",
       {.version = "v999", .method = "ping"},
       "tools/list",
       later,
       kHeaderMismatch},
  };
  for (const Case& each : cases) {
    const Batch batch = request(each.method, each.members);

    const auto wrong = check_modern(each.facts, batch.messages.front(), true);

    EXPECT_EQ(code_of(wrong), each.code) << each.about;
  }
}

TEST(McpModern, NeedsNoClientInfo) {
  EXPECT_FALSE(
      check_modern(saying("server/discover"), modern("server/discover").messages[0], true));
}

TEST(McpModern, WithoutHeadersIsCheckedByItsMessageAlone) {
  EXPECT_FALSE(check_modern({}, modern("tools/call", R"("name":"add")").messages[0], false));
  EXPECT_EQ(code_of(check_modern({}, request("tools/list", "").messages[0], false)),
            kInvalidParams);
  EXPECT_EQ(code_of(check_modern(
                {},
                request("tools/list", R"("_meta":{"io.modelcontextprotocol/protocolVersion":)"
                                      R"("2025-06-18",)"
                                      R"("io.modelcontextprotocol/clientCapabilities":{}})")
                    .messages[0],
                false)),
            kUnsupportedVersion);
}

TEST(McpModern, OfANotificationOnlyTheVersionCounts) {
  const Batch batch = read(R"({"jsonrpc":"2.0","method":"notifications/cancelled"})");
  const Message& message = batch.messages.front();

  EXPECT_FALSE(check_modern({.version = "2026-07-28"}, message, true));
  EXPECT_EQ(code_of(check_modern({.version = "v999"}, message, true)), kUnsupportedVersion);
}

TEST(McpModern, SaysWhichRevisionsThereAre) {
  const RpcError error = unsupported_version("v\"9\xff");

  EXPECT_EQ(error.code, kUnsupportedVersion);
  const auto data = json::Document::parse(error.data);
  ASSERT_TRUE(data) << error.data;
  EXPECT_EQ(data->root().find("supported")->items().size(), kRevisions.size());
  EXPECT_EQ(data->root().find("requested")->as_string(), "v\"9\xEF\xBF\xBD");
}

// ---- values of headers

TEST(McpHeader, IsAsItIsOrEncoded) {
  EXPECT_EQ(decode_header("plain"), "plain");
  EXPECT_EQ(decode_header(""), "");
  EXPECT_EQ(decode_header("=?base64?aGk=?="), "hi");
  EXPECT_EQ(decode_header("=?base64?"
                          "?="),
            "");
  EXPECT_EQ(decode_header("=?base64?w7w=?="), "\u00fc");
}

TEST(McpHeader, IsALiteralWithoutPrefixOrSuffix) {
  EXPECT_EQ(decode_header("=?base64?aGk="), "=?base64?aGk=");
  EXPECT_EQ(decode_header("aGk=?="), "aGk=?=");
  EXPECT_EQ(decode_header("=?BASE64?aGk=?="), "=?BASE64?aGk=?=");
  EXPECT_EQ(decode_header("=?base64?="), "=?base64?=");  // one question mark for two
}

TEST(McpHeader, IsRefusedWhereItsEncodingIsNotTheOnlyOne) {
  EXPECT_FALSE(decode_header("=?base64?aGk?="));    // without padding
  EXPECT_FALSE(decode_header("=?base64?aGl=?="));   // bits left over
  EXPECT_FALSE(decode_header("=?base64?aG k=?="));  // foreign
  EXPECT_FALSE(decode_header("=?base64?aGk-?="));   // of another alphabet
  EXPECT_FALSE(decode_header("=?base64?aGk=====?="));
  EXPECT_FALSE(decode_header("=?base64?/w==?="));  // no UTF-8
}

bool says(std::string_view header, std::string_view value) {
  const auto document = json::Document::parse(value);
  return document && header_says(header, document->root());
}

TEST(McpHeader, SaysWhatAnArgumentDoes) {
  EXPECT_TRUE(says("eu-west", R"("eu-west")"));
  EXPECT_TRUE(says(" eu-west ", R"("eu-west")"));
  EXPECT_TRUE(says("=?base64?IGV1?=", R"(" eu")"));
  EXPECT_FALSE(says("eu-east", R"("eu-west")"));
  EXPECT_FALSE(says("EU-WEST", R"("eu-west")"));
  EXPECT_TRUE(says("true", "true"));
  EXPECT_FALSE(says("True", "true"));
  EXPECT_FALSE(says("1", "true"));
  EXPECT_TRUE(says("false", "false"));
}

TEST(McpHeader, ComparesIntegersAsNumbers) {
  EXPECT_TRUE(says("42", "42"));
  EXPECT_TRUE(says("42.0", "42"));
  EXPECT_TRUE(says("42", "42.0"));
  EXPECT_FALSE(says("43", "42"));
  EXPECT_FALSE(says("", "42"));
  EXPECT_FALSE(says("forty-two", "42"));
  EXPECT_FALSE(says(R"("42")", "42"));
}

TEST(McpHeader, TellsLargeIntegersApart) {
  EXPECT_TRUE(says("9007199254740993", "9007199254740993"));
  EXPECT_FALSE(says("9007199254740992", "9007199254740993"));
  EXPECT_FALSE(
      says("100000000000000000000000000000000000001", "100000000000000000000000000000000000002"));
}

TEST(McpHeader, SaysNothingOfListsObjectsAndNull) {
  EXPECT_FALSE(says("[1]", "[1]"));
  EXPECT_FALSE(says("{}", "{}"));
  EXPECT_FALSE(says("null", "null"));
  EXPECT_FALSE(says("5", "[1]"));
}

}  // namespace
}  // namespace atonce::protocol::mcp
