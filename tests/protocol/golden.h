// What the tests that read golden cases have in common.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "protocol/message.h"
#include "protocol/recorded.h"
#include "source_folder.h"

namespace atonce::protocol::golden {

inline std::string text_of(const json::View& view, std::string_view key) {
  const auto member = view.find(key);
  return std::string(member ? member->as_string().value_or("") : "");
}

inline std::vector<json::View> items_of(const json::View& view, std::string_view key) {
  const auto member = view.find(key);
  return member ? member->items() : std::vector<json::View>{};
}

inline std::string name_of(Finish finish) {
  switch (finish) {
    case Finish::stop: return "stop";
    case Finish::length: return "length";
    case Finish::blocked: return "blocked";
    case Finish::malformed_call: return "malformed_call";
    case Finish::unexpected_call: return "unexpected_call";
    case Finish::other: return "other";
  }
  return "";
}

// Does `check(test, expect)` with every file of tests/protocol/cases/`folder`, of which there are
// at least `least`.
inline void for_each_case(
    const std::string& folder, std::size_t least,
    const std::function<void(const json::View& test, const json::View& expected)>& check) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(source_folder() / "tests/protocol/cases" / folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  EXPECT_GE(files.size(), least) << "golden cases are missing";
  for (const auto& file : files) {
    const std::string text = read_all(file);
    const auto document = json::Document::parse(text);
    ASSERT_TRUE(document) << file << ": " << document.error().message;
    const json::View test = document->root();
    SCOPED_TRACE(file.filename().string() + ": " + text_of(test, "title"));
    EXPECT_NE(text_of(test, "title"), "");
    ASSERT_TRUE(test.find("expect"));
    check(test, *test.find("expect"));
  }
}

// `expected` is {code, message, hint}.
inline void check_error(const Error& error, const json::View& expected) {
  EXPECT_EQ(atonce::name_of(error.code), text_of(expected, "code"));
  EXPECT_EQ(error.message, text_of(expected, "message"));
  EXPECT_EQ(error.hint, text_of(expected, "hint"));
}

// Arguments that are no JSON stand in the case as the string that they are, in `text`.
inline void check_calls(const std::vector<call::Call>& calls, const json::View& expected) {
  const auto wanted = items_of(expected, "calls");
  ASSERT_EQ(calls.size(), wanted.size());
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    EXPECT_EQ(calls[at].id, text_of(wanted[at], "id"));
    EXPECT_EQ(calls[at].name, text_of(wanted[at], "name"));
    const auto args = wanted[at].find("args");
    EXPECT_EQ(calls[at].arguments, args ? std::string(args->raw()) : text_of(wanted[at], "text"));
  }
}

inline void check_usage(const Usage& usage, const json::View& expected) {
  const auto count = [&](std::string_view key) {
    const auto value = expected.find(key);
    return value ? value->as_int64().value_or(-1) : 0;
  };
  EXPECT_EQ(usage.input_tokens, count("input"));
  EXPECT_EQ(usage.output_tokens, count("output"));
  EXPECT_EQ(usage.thought_tokens, count("thought"));
  EXPECT_EQ(usage.cached_tokens, count("cached"));
  EXPECT_EQ(usage.total_tokens, count("total"));
}

// `expected` is {calls, text, finish, detail, model, id, usage}.
inline void check_turn(const ModelTurn& turn, const json::View& expected) {
  check_calls(turn.calls, expected);
  EXPECT_EQ(turn.text, text_of(expected, "text"));
  EXPECT_EQ(name_of(turn.finish), text_of(expected, "finish"));
  EXPECT_EQ(turn.finish_detail, text_of(expected, "detail"));
  if (expected.find("model")) {
    EXPECT_EQ(turn.model, text_of(expected, "model"));
  }
  if (expected.find("id")) {
    EXPECT_EQ(turn.response_id, text_of(expected, "id"));
  }
  if (const auto usage = expected.find("usage")) check_usage(turn.usage, *usage);
}

// {returned | raised | invalid | timed_out_ms | cancelled}
inline call::Outcome read_outcome(const json::View& view) {
  if (const auto result = view.find("returned")) return call::Returned{std::string(result->raw())};
  if (const auto limit = view.find("timed_out_ms")) {
    return call::TimedOut{std::chrono::milliseconds(limit->as_int64().value())};
  }
  if (view.find("invalid")) return call::Invalid{"invalid_arguments", text_of(view, "invalid")};
  if (view.find("cancelled")) return call::Cancelled{};
  return call::Raised{"ValueError", text_of(view, "raised")};
}

}  // namespace atonce::protocol::golden
