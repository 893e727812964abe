#include "check/facts_text.h"

#include <gtest/gtest.h>

namespace atonce::check {
namespace {

TEST(FactsText, MakesAnErrorOfEachModuleThatTurnedTheGilOn) {
  const std::vector<Finding> findings = gil_findings({"old", "older"});

  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].kind, "gil_enabled");
  EXPECT_EQ(findings[0].variable, "old");
  EXPECT_EQ(findings[0].level, Level::error);
  EXPECT_EQ(findings[1].variable, "older");
  EXPECT_TRUE(gil_findings({}).empty());
}

TEST(FactsText, NamesEachCompiledModuleAsNotSeen) {
  const std::vector<std::string> texts = what_cannot_be_seen({"numpy", "lxml"});

  ASSERT_EQ(texts.size(), 2U);
  EXPECT_NE(texts[0].find("`numpy`"), std::string::npos);
  EXPECT_NE(texts[1].find("`lxml`"), std::string::npos);
  EXPECT_TRUE(what_cannot_be_seen({}).empty());
}

TEST(FactsText, SaysHowARunEnded) {
  EXPECT_EQ(describe_end({.is_timed_out = true, .how = "was ended"}, 5), "did not end within 5 s");
  EXPECT_EQ(describe_end({.is_timed_out = true}, 2.5), "did not end within 2.5 s");
  EXPECT_EQ(describe_end({.how = "was ended by SIGSEGV"}, 5), "was ended by SIGSEGV");
}

TEST(FactsText, WritesALongLimitInPlainDigits) {
  EXPECT_EQ(describe_timeout(0.25), "did not end within 0.25 s");
  EXPECT_EQ(describe_timeout(60), "did not end within 60 s");
  EXPECT_EQ(describe_timeout(99.99), "did not end within 100 s");
  EXPECT_EQ(describe_timeout(3600), "did not end within 3600 s");
  EXPECT_EQ(describe_end({.is_timed_out = true}, 1200), "did not end within 1200 s");
}

TEST(FactsText, TellsThatARunForkedBeforeAnythingElse) {
  const RunEnd end{.is_timed_out = true, .journal = {.forking = {{"pay", "{}"}}}};

  EXPECT_TRUE(describe_end(end, 5).starts_with("forked its process"));
}

}  // namespace
}  // namespace atonce::check
