// Findings as the detector makes them, for the tests of what is told of them: all in bank.py, of
// two threads that call `pay`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check/finding.h"
#include "check/source.h"

namespace atonce::check {

inline constexpr std::string_view kBank = "/home/ada/bank.py";

// Nothing but its thread and its locks tells one access of a line from another.
inline Access access_at(int line, std::string_view op, std::string_view thread,
                        std::vector<std::string> locks = {}) {
  return {.op = std::string(op),
          .file = std::string(kBank),
          .line = line,
          .function = "pay",
          .thread = std::string(thread) + " pay",
          .call = "pay",
          .locks = std::move(locks),
          .text = "balance"};
}

inline Finding finding_of(std::string_view kind, std::vector<Access> accesses) {
  return {.kind = std::string(kind), .variable = "bank.balance", .accesses = std::move(accesses)};
}

// The first thread reads and then writes, the second one writes in between.
inline Finding compound_of(std::string_view kind, int read, int write) {
  return finding_of(kind, {access_at(write, "write", "call-2"), access_at(read, "read", "call-1"),
                           access_at(write, "write", "call-1")});
}

inline Finding lost_update(int read = 11, int write = 12) {
  return compound_of("lost_update", read, write);
}

inline Finding check_then_act(int read = 11, int write = 12) {
  return compound_of("check_then_act", read, write);
}

inline Finding data_race(int read = 11, int write = 12) {
  return finding_of("data_race",
                    {access_at(read, "read", "call-1"), access_at(write, "write", "call-2")});
}

inline Finding iterate_mutate(int iteration = 11, int change = 12) {
  return finding_of("iterate_mutate", {access_at(iteration, "iterate", "call-1"),
                                       access_at(change, "write", "call-2")});
}

// One thread takes b while it holds a, the other one a while it holds b.
inline Finding lock_order() {
  Finding finding = finding_of("lock_order", {access_at(21, "acquire", "call-1", {"a"}),
                                              access_at(31, "acquire", "call-2", {"b"})});
  finding.variable = "a, b";
  finding.accesses[0].text = "b";
  finding.accesses[1].text = "a";
  return finding;
}

inline Finding with_level(Finding finding, Level level) {
  finding.level = level;
  return finding;
}

inline Finding as_guess(Finding finding) {
  finding.is_guess = true;
  return finding;
}

inline Finding as_potential(Finding finding) {
  finding.is_potential = true;
  return finding;
}

inline Finding with_variable(Finding finding, std::string variable) {
  finding.variable = std::move(variable);
  return finding;
}

inline Finding with_text(Finding finding, const std::string& text) {
  for (Access& access : finding.accesses) access.text = text;
  return finding;
}

inline Finding with_container(Finding finding, std::string container) {
  finding.container = std::move(container);
  return finding;
}

// Made by calls of these two tools: the first for the first access's thread.
inline Finding with_calls(Finding finding, const std::string& one, const std::string& other) {
  const std::string first = finding.accesses.front().thread;
  for (Access& access : finding.accesses) access.call = access.thread == first ? one : other;
  return finding;
}

// bank.py with these lines, by their numbers; all others are empty.
inline Sources bank_with(const std::map<int, std::string>& lines) {
  std::string text;
  int number = 1;
  for (const auto& [line, code] : lines) {
    for (; number < line; ++number) text += '\n';
    text += code;
  }
  return Sources(std::map<std::string, std::string>{{std::string(kBank), text}});
}

// As the detector writes it.
inline std::string json_of(std::string_view kind, std::string_view level = "error") {
  return R"({"kind":")" + std::string(kind) + R"(","level":")" + std::string(level) +
         R"(","variable":"bank.balance","accesses":[)"
         R"({"op":"read","file":"/home/ada/bank.py","line":11},)"
         R"({"op":"write","file":"/home/ada/bank.py","line":12}]})";
}

}  // namespace atonce::check
