#include "check/policy.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace atonce::check {
namespace {

using Groups = std::vector<std::vector<std::string>>;

TEST(Policy, JoinsPairsThatShareANameDirectlyOrByOthers) {
  EXPECT_EQ(groups_of({{"a", "b"}, {"b", "c"}}), (Groups{{"a", "b", "c"}}));
  EXPECT_EQ(groups_of({{"a", "b"}, {"c", "d"}, {"e", "f"}, {"b", "d"}, {"c", "e"}}),
            (Groups{{"a", "b", "c", "d", "e", "f"}}));
}

TEST(Policy, KeepsGroupsApartThatShareNoName) {
  EXPECT_EQ(groups_of({{"c", "d"}, {"a", "b"}}), (Groups{{"a", "b"}, {"c", "d"}}));
}

TEST(Policy, MakesAGroupOfOneOfAToolThatIsNotSafeBesideItself) {
  EXPECT_EQ(groups_of({{"book", "book"}}), (Groups{{"book"}}));
  EXPECT_EQ(groups_of({{"book", "book"}, {"book", "left"}}), (Groups{{"book", "left"}}));
}

TEST(Policy, HasTheSameGroupsInWhateverOrderThePairsCome) {
  std::vector<NamePair> pairs{{"a", "e"}, {"b", "b"}, {"c", "d"}, {"d", "e"}};
  const Groups expected{{"a", "c", "d", "e"}, {"b"}};
  do {
    EXPECT_EQ(groups_of(pairs), expected);
  } while (std::next_permutation(pairs.begin(), pairs.end()));
}

TEST(Policy, HasNoGroupsWithoutPairs) { EXPECT_EQ(groups_of({}), Groups{}); }

TEST(Policy, IsReadAsItWasWritten) {
  const Policy policy{.file_sha256 = "9f86d0",
                      .verdict = "findings",
                      .checked_with = "0.1.0",
                      .serial = {{"book"}, {"recall", "r\u00e9\"member\n"}}};

  const auto read = read_policy(write_policy(policy));

  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, policy);
}

TEST(Policy, IsADocumentThatEndsInANewline) {
  const std::string text = write_policy(
      {.file_sha256 = "9f", .verdict = "clean", .checked_with = "0.1.0", .serial = {{"a", "b"}}});

  EXPECT_EQ(text,
            R"({"file_sha256":"9f","verdict":"clean","checked_with":"0.1.0","serial":[["a","b"]]})"
            "\n");
}

TEST(Policy, LeavesMembersThatAreNotKnownForLaterVersions) {
  const auto policy = read_policy(
      R"({"later": {"deep": [1]}, "file_sha256": "9f", "verdict": "clean", "serial": []})");

  ASSERT_TRUE(policy.has_value());
  EXPECT_EQ(policy->verdict, "clean");
  EXPECT_EQ(policy->checked_with, "");
  EXPECT_TRUE(policy->serial.empty());
}

TEST(Policy, SaysWhatIsWrongWithWhatIsNone) {
  const std::vector<std::pair<std::string, std::string>> refusals{
      {"", ""},
      {"no", ""},
      {"[]", "`file_sha256` is missing"},
      {R"({"verdict":"clean","serial":[]})", "`file_sha256` is missing"},
      {R"({"file_sha256":7,"verdict":"clean","serial":[]})", "`file_sha256` is missing"},
      {R"({"file_sha256":"9f","serial":[]})", "`verdict` is missing"},
      {R"({"file_sha256":"9f","verdict":"ok","serial":[]})", "`verdict` is \"ok\""},
      {R"({"file_sha256":"9f","verdict":"clean"})", "`serial` is no array of groups"},
      {R"({"file_sha256":"9f","verdict":"clean","serial":{}})", "`serial` is no array of groups"},
      {R"({"file_sha256":"9f","verdict":"clean","serial":[["a",7]]})", "holds what is no name"},
      {R"({"file_sha256":"9f","verdict":"clean","serial":[[]]})", "has no names"},
      {R"({"file_sha256":"9f","verdict":"clean","serial":["a"]})", "has no names"}};
  for (const auto& [text, why] : refusals) {
    const auto policy = read_policy(text);
    ASSERT_FALSE(policy.has_value()) << text;
    EXPECT_EQ(policy.error().code, ErrorCode::bad_input) << text;
    EXPECT_TRUE(policy.error().message.starts_with("this is no policy: ")) << text;
    EXPECT_NE(policy.error().message.find(why), std::string::npos) << policy.error().message;
    EXPECT_NE(policy.error().hint.find("--write-policy"), std::string::npos);
  }
}

}  // namespace
}  // namespace atonce::check
