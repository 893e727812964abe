#include "check/wording.h"

#include <gtest/gtest.h>

#include <set>

#include "check/findings.h"

namespace atonce::check {
namespace {

TEST(Wording, HasATitleAndAMeaningOfItsOwnForEachKind) {
  std::set<std::string> titles;
  std::set<std::string_view> meanings{meaning_of("what comes later")};
  for (const std::string_view kind : kKinds) {
    EXPECT_EQ(title_of(kind).find('_'), std::string::npos) << kind;
    titles.insert(title_of(kind));
    meanings.insert(meaning_of(kind));
  }

  EXPECT_EQ(titles.size(), std::size(kKinds));
  EXPECT_EQ(meanings.size(), std::size(kKinds) + 1);
  EXPECT_EQ(title_of("lost_update"), "lost update");
  EXPECT_EQ(title_of("later"), "later");
}

TEST(Wording, SaysWhatAnAccessDoes) {
  EXPECT_EQ(verb_of("read_write"), "reads and writes");
  EXPECT_EQ(verb_of("later"), "uses");
  std::set<std::string_view> verbs;
  for (const char* op : {"read", "write", "read_write", "iterate", "delete", "acquire"}) {
    verbs.insert(verb_of(op));
  }
  EXPECT_EQ(verbs.size(), 6U);
}

TEST(Wording, DescribesAnAccessByItsThreadAndItsLocks) {
  EXPECT_EQ(describe_access(access_at(11, "read", "call-1")),
            "call-1 pay reads `balance`, holding no lock");
  EXPECT_EQ(describe_access(access_at(11, "write", "call-1", {"a", "b"})),
            "call-1 pay writes `balance`, holding `a`, `b`");
}

TEST(Wording, NamesTheCallOfAThreadThatIsNotNamedAfterIt) {
  Access access = access_at(11, "read", "call-1");
  access.thread = "Thread-1";

  EXPECT_EQ(describe_access(access), "Thread-1 (`pay`) reads `balance`, holding no lock");
}

TEST(Wording, DescribesAnAccessOfWhichLittleIsKnown) {
  EXPECT_EQ(describe_access({}), "a thread uses, holding no lock");
}

TEST(Wording, DescribesAFailureByItsCallsAndWhatHappened) {
  const Failure failure{.calls = {{"f", R"({"a": 1})"}, {"g", ""}},
                        .what = "did not end within 5 s"};

  EXPECT_EQ(describe_failure(failure), R"(`f` with {"a": 1} and `g`: did not end within 5 s)");
  EXPECT_EQ(describe_failure({.what = "run 1: did not end within 5 s"}),
            "run 1: did not end within 5 s");
}

}  // namespace
}  // namespace atonce::check
