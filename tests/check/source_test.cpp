#include "check/source.h"

#include <gtest/gtest.h>

#include <fstream>

namespace atonce::check {
namespace {

Sources bank_py(const std::string& text) {
  return Sources(std::map<std::string, std::string>{{"bank.py", text}});
}

Allowance allowance(std::vector<std::string> kinds, std::string reason) {
  return {.kinds = std::move(kinds), .reason = std::move(reason)};
}

TEST(Sources, HaveLinesWithoutTheBlanksAroundThem) {
  Sources sources = bank_py("def pay():\n\tglobal total  \n    total += 1\r\n\nlast");

  EXPECT_EQ(sources.line({"bank.py", 1}), "def pay():");
  EXPECT_EQ(sources.line({"bank.py", 2}), "global total");
  EXPECT_EQ(sources.line({"bank.py", 3}), "total += 1");
  EXPECT_EQ(sources.line({"bank.py", 4}), "");
  EXPECT_EQ(sources.line({"bank.py", 5}), "last");
}

TEST(Sources, HaveNoLinesBeforeTheFirstOrAfterTheLast) {
  Sources sources = bank_py("one\ntwo\n");

  for (const int line : {-1, 0, 3, 1 << 30}) EXPECT_EQ(sources.line({"bank.py", line}), "");
}

TEST(Sources, AreReadFromTheFileOfThatName) {
  const std::string file = testing::TempDir() + "/atonce_source_test.py";
  std::ofstream(file) << "first\n  second\n";
  Sources sources;

  EXPECT_EQ(sources.line({file, 2}), "second");
}

TEST(Sources, AreEmptyWhereNoFileCanBeRead) {
  Sources sources;

  EXPECT_EQ(sources.line({testing::TempDir() + "/atonce_no_such_file.py", 1}), "");
  EXPECT_EQ(sources.line({testing::TempDir(), 1}), "");  // a folder
  EXPECT_EQ(sources.line({"<string>", 1}), "");
}

TEST(Allowance, HasKindsAndAReason) {
  EXPECT_EQ(allowance_in("done += 1  # atonce: allow(lost_update) only shown to people"),
            allowance({"lost_update"}, "only shown to people"));
}

TEST(Allowance, MayHaveSeveralKinds) {
  EXPECT_EQ(allowance_in("x += 1 # atonce: allow(lost_update, data_race,check_then_act) why not"),
            allowance({"lost_update", "data_race", "check_then_act"}, "why not"));
}

TEST(Allowance, WithoutAReasonIsOneWithAnEmptyReason) {
  for (const char* line :
       {"x += 1  # atonce: allow(lost_update)", "x += 1  # atonce: allow(lost_update)  ",
        "x += 1  # atonce: allow(lost_update): -"}) {
    EXPECT_EQ(allowance_in(line), allowance({"lost_update"}, "")) << line;
  }
}

TEST(Allowance, MayHaveAColonOrADashBeforeItsReason) {
  for (const char* line : {"x += 1  # atonce: allow(lost_update): only shown",
                           "x += 1  # atonce: allow(lost_update) - only shown",
                           "x += 1  # atonce: allow(lost_update), only shown"}) {
    EXPECT_EQ(allowance_in(line), allowance({"lost_update"}, "only shown")) << line;
  }
}

TEST(Allowance, MayComeAfterAnotherComment) {
  EXPECT_EQ(allowance_in("x += 1  # noqa: E701  # atonce: allow(lost_update) only shown"),
            allowance({"lost_update"}, "only shown"));
  EXPECT_EQ(allowance_in("#atonce:allow(data_race)fine"), allowance({"data_race"}, "fine"));
}

TEST(Allowance, IsFoundAfterStringsThatHoldQuotesAndHashes) {
  for (const char* code : {R"(tags["#"] += 1)", R"(tags['#'] += "it's")", R"(t = "\"#" + '\'#')",
                           R"(t = """it's""")", R"(t = '''it's''')", R"(t = r"\#")",
                           R"(t = '''say "#"''' + "'")", R"(t = "" + '')", R"(t = f"{d["#"]}")"}) {
    const std::string line = std::string(code) + "  # atonce: allow(lost_update) only shown";
    EXPECT_EQ(allowance_in(line), allowance({"lost_update"}, "only shown")) << line;
  }
}

TEST(Allowance, IsNotFoundInAString) {
  for (const char* line :
       {R"(t = "# atonce: allow(data_race) no")", R"(t = '# atonce: allow(data_race) no')",
        R"(t = "\"# atonce: allow(data_race) no")",
        R"(t = '''it's # atonce: allow(data_race) no''')",
        R"(t = """say "yes" # atonce: allow(data_race) no""")"}) {
    EXPECT_EQ(allowance_in(line), std::nullopt) << line;
  }
}

TEST(Allowance, IsNotFoundInCodeOrInOtherComments) {
  for (const char* line : {"", "atonce: allow(data_race) no", "x = 1  # allow(data_race) no",
                           "x = 1  # atonce: forbid(data_race)", "x = 1  # atonce: allow data_race",
                           "x = 1  # atonce: allow(data_race no", "x = 1  # atonce:"}) {
    EXPECT_EQ(allowance_in(line), std::nullopt) << line;
  }
}

TEST(Allowance, OfNoKindAllowsNothing) {
  EXPECT_EQ(allowance_in("x = 1  # atonce: allow() why"), allowance({}, "why"));
  EXPECT_EQ(allowance_in("x = 1  # atonce: allow( , ) why"), allowance({}, "why"));
}

}  // namespace
}  // namespace atonce::check
