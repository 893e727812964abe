#include "check/run.h"

#include <gtest/gtest.h>

#include "check/findings.h"
#include "check/parsed.h"

namespace atonce::check {
namespace {

using namespace std::chrono_literals;

const std::vector<RunningCall> kPay{{"pay", R"({"n": 1})"}};

TEST(RunOrder, IsWrittenAsTheLaneReadsIt) {
  const RunOrder order{.threads = {{0, {R"({"n": 1.0})", "{}"}}, {3, {}}},
                       .seed = 7,
                       .perturbs = false,
                       .delays = {{{"bank.py", 9}}, {{"bank.py", 11}, "'eur'"}},
                       .overlap_limit = 1500ms,
                       .journal = "/proc/1/fd/5"};

  EXPECT_EQ(write_order(order),
            R"({"calls":[[0,["{\"n\": 1.0}","{}"]],[3,[]]],"seed":7,"perturb":false,)"
            R"("delay_sites":[["bank.py",9],["bank.py",11,"'eur'"]],"limit_seconds":1.5,)"
            R"("journal":"/proc/1/fd/5"})");
}

TEST(RunOrder, NamesTheCallsThatAreMadeFirst) {
  const RunOrder order{.threads = {{0, {"{}"}}}, .before = {{1, {"{}"}}, {2, {"7"}}}};

  EXPECT_TRUE(write_order(order).starts_with(R"({"before":[[1,["{}"]],[2,["7"]]],"calls":)"));
}

TEST(RunOrder, NamesNoJournalWhereThereIsNone) {
  const auto document = parsed(write_order({.threads = {}}));

  EXPECT_EQ(keys_of(document.root()),
            (std::vector<std::string>{"calls", "seed", "perturb", "delay_sites", "limit_seconds"}));
  EXPECT_EQ(raw_at(document.root(), "perturb"), "true");
}

TEST(Run, IsReadWithWhatMetWhatWasFoundAndWhatCallsRaised) {
  const auto run =
      read_run(R"({"calls":[{"name":"pay","error":null},{"name":"pay","error":"ValueError: no"}],)"
               R"("slow":["pay"],"overlapped":3,"findings":[)" +
               json_of("lost_update") + "]}");

  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(run->overlapped, 3U);
  EXPECT_EQ(run->slow, std::set<std::string>{"pay"});
  EXPECT_EQ(run->raised, std::vector<std::string>{"pay: ValueError: no"});
  ASSERT_EQ(run->findings.size(), 1U);
  EXPECT_EQ(run->findings[0].kind, "lost_update");
  EXPECT_EQ(run->findings[0].accesses[1].line, 12);
}

TEST(Run, SaysWhyItCouldNotDoWhatItWasTold) {
  const auto run = read_run(R"({"error":"there is no tool 7"})");

  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error(), (Error{ErrorCode::bad_response, "there is no tool 7"}));
}

TEST(Run, IsNotReadFromWhatIsNoAnswer) {
  for (const char* text : {"", "no", "{", "[]", "7", "null", R"({"findings":[{"kind":"x"}]})",
                           R"({"findings":"none"})"}) {
    const auto run = read_run(text);
    ASSERT_FALSE(run.has_value()) << text;
    EXPECT_EQ(run.error().code, ErrorCode::bad_response) << text;
    EXPECT_FALSE(run.error().message.empty());
  }
}

TEST(Journal, HasTheCallsThatHadNoEnd) {
  const Journal journal = read_journal(
      "[\"start\", 0, \"read\", \"{}\"]\n[\"start\", 1, \"pay\", \"{\\\"n\\\": 1}\"]\n"
      "[\"end\", 0]\n");

  EXPECT_EQ(journal.running, kPay);
  EXPECT_TRUE(journal.forking.empty());
  EXPECT_TRUE(journal.findings.empty());
}

TEST(Journal, ForgetsACallWhenItsThreadStartsAnother) {
  const Journal journal =
      read_journal("[\"start\",1,\"read\",\"{}\"]\n[\"start\",1,\"pay\",\"{\\\"n\\\": 1}\"]\n");

  EXPECT_EQ(journal.running, kPay);
}

TEST(Journal, NamesEqualCallsOfSeveralThreadsOnce) {
  const Journal journal = read_journal(
      "[\"start\",1,\"pay\",\"{\\\"n\\\": 1}\"]\n[\"start\",2,\"pay\",\"{\\\"n\\\": 1}\"]\n");

  EXPECT_EQ(journal.running, kPay);
}

TEST(Journal, HasTheCallsThatStartedACopyOfTheProcess) {
  const Journal journal = read_journal(
      "[\"start\",1,\"pay\",\"{\\\"n\\\": 1}\"]\n[\"fork\",1]\n[\"fork\",1]\n[\"fork\",2]\n"
      "[\"end\",1]\n");

  EXPECT_EQ(journal.forking, kPay);
  EXPECT_TRUE(journal.running.empty());
}

TEST(Journal, HasTheFindingsUpToThere) {
  const Journal journal = read_journal(json_of("lost_update") + "\n" + json_of("data_race") + "\n");

  ASSERT_EQ(journal.findings.size(), 2U);
  EXPECT_EQ(journal.findings[1].kind, "data_race");
}

TEST(Journal, LeavesOutALineThatIsCutOff) {
  const Journal journal =
      read_journal("[\"start\",1,\"pay\",\"{\\\"n\\\": 1}\"]\n" + json_of("data_race"));

  EXPECT_EQ(journal.running, kPay);
  EXPECT_TRUE(journal.findings.empty());
}

TEST(Journal, LeavesOutLinesThatSayNothing) {
  const Journal journal = read_journal(
      "\n[]\nno\n7\n{}\n[\"start\",1]\n[\"dance\",1]\n[\"start\",1,\"pay\",\"{\\\"n\\\": 1}\"]\n");

  EXPECT_EQ(journal.running, kPay);
  EXPECT_TRUE(read_journal("").running.empty());
}

}  // namespace
}  // namespace atonce::check
