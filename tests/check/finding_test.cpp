#include "check/finding.h"

#include <gtest/gtest.h>

#include "check/findings.h"
#include "check/parsed.h"

namespace atonce::check {
namespace {

TEST(Finding, HasANameForEachLevel) {
  EXPECT_EQ(name_of(Level::error), "error");
  EXPECT_EQ(name_of(Level::warning), "warning");
  EXPECT_EQ(name_of(Level::note), "note");
  EXPECT_LT(Level::note, Level::warning);
  EXPECT_LT(Level::warning, Level::error);
}

TEST(Finding, HasEachOfItsPlacesOnceAndInOrder) {
  Finding finding = lost_update(12, 11);
  finding.accesses.push_back(access_at(90, "read", "call-1"));
  finding.accesses.back().file = "/home/ada/a.py";

  const std::vector<Place> expected{
      {"/home/ada/a.py", 90}, {std::string(kBank), 11}, {std::string(kBank), 12}};
  EXPECT_EQ(places_of(finding), expected);
  EXPECT_EQ(places_of(finding_of("gil_enabled", {})), std::vector<Place>{});
}

TEST(Finding, SharesAPlaceWithOneThatHasAnAccessOfTheSameLine) {
  EXPECT_TRUE(share_a_place(lost_update(11, 12), data_race(12, 13)));
  EXPECT_TRUE(share_a_place(data_race(12, 13), lost_update(11, 12)));
  EXPECT_FALSE(share_a_place(lost_update(11, 12), data_race(13, 14)));
}

TEST(Finding, SharesNoPlaceWithTheSameLineOfAnotherFile) {
  Finding elsewhere = lost_update();
  for (Access& access : elsewhere.accesses) access.file = "/home/ada/shop.py";

  EXPECT_FALSE(share_a_place(lost_update(), elsewhere));
}

TEST(Finding, IsReadWithAllThatTheDetectorWrites) {
  const auto document = parsed(
      R"({"kind":"check_then_act","level":"warning","variable":"bank.cache","element":"'eur'",)"
      R"("container":"dict","potential":true,"guess":true,"message":"so it is","accesses":[{"op":)"
      R"("read","file":"/home/ada/bank.py","line":7,"function":"Bank.pay","thread":"call-1 pay",)"
      R"("call":"pay","locks":["a","b"],"text":"cache"}]})");

  const auto finding = read_finding(document.root());

  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->kind, "check_then_act");
  EXPECT_EQ(finding->level, Level::warning);
  EXPECT_EQ(finding->variable, "bank.cache");
  EXPECT_EQ(finding->element, "'eur'");
  EXPECT_EQ(finding->container, "dict");
  EXPECT_TRUE(finding->is_potential);
  EXPECT_TRUE(finding->is_guess);
  EXPECT_EQ(finding->message, "so it is");
  const Access expected{.op = "read",
                        .file = "/home/ada/bank.py",
                        .line = 7,
                        .function = "Bank.pay",
                        .thread = "call-1 pay",
                        .call = "pay",
                        .locks = {"a", "b"},
                        .text = "cache"};
  EXPECT_EQ(finding->accesses, std::vector<Access>{expected});
}

TEST(Finding, IsReadWithoutWhatItDoesNotSay) {
  const auto document = parsed(R"({"kind":"data_race","level":"error","element":null})");

  const auto finding = read_finding(document.root());

  ASSERT_TRUE(finding.has_value());
  EXPECT_FALSE(finding->is_potential);
  EXPECT_FALSE(finding->is_guess);
  EXPECT_EQ(finding->element, "");
  EXPECT_TRUE(finding->accesses.empty());
}

TEST(Finding, IsNoneWithoutAKindOrALevelThatIsKnown) {
  for (const char* text :
       {R"({"level":"error"})", R"({"kind":"data_race"})", R"({"kind":"data_race","level":"odd"})",
        R"({"kind":7,"level":"error"})", "[]", "\"data_race\"", "null"}) {
    const auto document = parsed(text);
    const auto finding = read_finding(document.root());
    ASSERT_FALSE(finding.has_value()) << text;
    EXPECT_EQ(finding.error().code, ErrorCode::bad_response);
    EXPECT_NE(finding.error().message.find(text), std::string::npos) << finding.error().message;
  }
}

TEST(Finding, IsReadFromAnArrayInItsOrder) {
  const auto document = parsed("[" + json_of("data_race") + "," + json_of("lost_update") + "]");

  const auto findings = read_findings(document.root());

  ASSERT_TRUE(findings.has_value());
  ASSERT_EQ(findings->size(), 2U);
  EXPECT_EQ(findings->at(0).kind, "data_race");
  EXPECT_EQ(findings->at(1).kind, "lost_update");
}

TEST(Finding, MakesItsArrayNoneWhenItIsNone) {
  const auto document = parsed("[" + json_of("data_race") + ",{}]");

  EXPECT_EQ(read_findings(document.root()).error().code, ErrorCode::bad_response);
}

TEST(Finding, IsNotReadFromWhatIsNoArray) {
  for (const std::string& text : {std::string("{}"), std::string("7"), json_of("data_race")}) {
    const auto document = parsed(text);
    const auto findings = read_findings(document.root());
    ASSERT_FALSE(findings.has_value()) << text;
    EXPECT_EQ(findings.error().code, ErrorCode::bad_response);
  }
}

}  // namespace
}  // namespace atonce::check
