#include "check/collected.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace atonce::check {
namespace {

bool is_suspicion(const Finding& finding) { return finding.is_potential || finding.is_guess; }

bool is_compound(const Finding& finding) {
  return finding.kind == "lost_update" || finding.kind == "check_then_act";
}

// Whether some of the accesses are of a method's own object, and some of it from outside.
bool has_self_and_others(const Finding& finding) {
  const auto is_of_self = [](const Access& access) { return access.text.starts_with("self."); };
  return std::ranges::any_of(finding.accesses, is_of_self) &&
         !std::ranges::all_of(finding.accesses, is_of_self);
}

// An attribute has the name of the class that its method is in, or from outside that of its
// object's class: `Base.state` and `Derived.state` may be one.
bool may_be_one_variable(const Finding& one, const Finding& other) {
  if (one.variable == other.variable) return true;
  const auto attribute = [](const std::string& name) { return name.substr(name.rfind('.') + 1); };
  return attribute(one.variable) == attribute(other.variable) &&
         (has_self_and_others(one) || has_self_and_others(other));
}

bool is_same(const Finding& one, const Finding& other) {
  // A cycle of locks begins where the run happened to see its end.
  if (one.kind == "lock_order" && other.kind == one.kind) return places_of(one) == places_of(other);
  return one.kind == other.kind && one.level == other.level &&
         one.is_potential == other.is_potential && one.is_guess == other.is_guess &&
         places_of(one) == places_of(other) && may_be_one_variable(one, other);
}

// Where a wait would let the other thread come in: after the test of a guess, else everywhere.
std::vector<Place> places_to_wait(const Finding& finding) {
  if (!finding.is_guess) return places_of(finding);
  std::vector<Place> tests;
  for (const Access& access : finding.accesses) {
    const Place place{access.file, access.line};
    const bool is_known = std::ranges::find(tests, place) != tests.end();
    if (access.op == "read" && !is_known) tests.push_back(place);
  }
  return tests.empty() ? places_of(finding) : tests;
}

// Waits at one element do not slow down what happens at all the others; but the element that was
// seen may never come again, as when its key is an object.
std::vector<std::vector<Wait>> looks_at(const Finding& finding) {
  std::vector<Wait> any;
  std::vector<Wait> one;
  for (const Place& place : places_to_wait(finding)) {
    any.push_back({place});
    one.push_back({place, finding.element});
  }
  if (finding.element.empty()) return {any, any, any};
  return {one, any, one, any};
}

// A thread that a tool started has no call of its own; it belongs to that of the other side.
std::optional<NamePair> calls_of(const Finding& finding) {
  std::vector<std::pair<std::string, std::string>> calls;  // thread, call
  for (const Access& access : finding.accesses) {
    const std::pair call(access.thread, access.call);
    if (!access.call.empty() && std::ranges::find(calls, call) == calls.end()) {
      calls.push_back(call);
    }
  }
  if (calls.empty()) return std::nullopt;
  const std::string& other = calls.size() > 1 ? calls[1].second : calls[0].second;
  return pair_of(calls[0].second, other);
}

// Why a finding is not told beside another one: that says the same and more.
bool says_more(const Finding& other, const Finding& finding) {
  if (is_suspicion(other)) return false;
  const bool is_of_same = other.variable == finding.variable;
  if (is_of_same && finding.is_guess && other.level >= Level::warning) return true;
  if (!share_a_place(other, finding) || !may_be_one_variable(other, finding)) return false;
  if (other.level != finding.level) return other.level > finding.level;
  return finding.kind == "data_race" && is_compound(other);
}

bool stands(const Found& one, const std::vector<Found>& all) {
  if (one.finding.is_potential) return false;
  return std::ranges::none_of(all, [&one](const Found& other) {
    return &other != &one && says_more(other.finding, one.finding);
  });
}

auto rank_of(const Found& found) {
  const std::vector<Place> places = places_of(found.finding);
  return std::tuple(-static_cast<int>(found.finding.level),
                    places.empty() ? Place{} : places.front(), found.finding.variable,
                    found.finding.kind);
}

}  // namespace

NamePair pair_of(std::string one, std::string other) {
  if (other < one) std::swap(one, other);
  return {std::move(one), std::move(other)};
}

std::vector<std::string> Found::functions() const {
  std::set<std::string> names;
  for (const NamePair& pair : pairs) names.insert(pair.begin(), pair.end());
  return {names.begin(), names.end()};
}

std::vector<std::vector<Wait>> Collected::add(std::vector<Finding> findings,
                                              const std::optional<NamePair>& pair) {
  std::vector<std::vector<Wait>> to_try;
  std::vector<const Found*> seen;  // in this run: equal findings of one run count once
  found_.reserve(found_.size() + findings.size());
  for (Finding& finding : findings) {
    Found* known = find(finding);
    if (known == nullptr) {
      if (is_suspicion(finding)) std::ranges::copy(looks_at(finding), std::back_inserter(to_try));
      known = &found_.emplace_back(Found{.finding = finding});
    }
    if (pair) known->pairs.insert(calls_of(finding).value_or(*pair));
    if (std::ranges::find(seen, known) == seen.end()) ++known->runs, seen.push_back(known);
  }
  return to_try;
}

Found* Collected::find(const Finding& finding) {
  const auto known = std::ranges::find_if(
      found_, [&finding](const Found& each) { return is_same(each.finding, finding); });
  return known == found_.end() ? nullptr : &*known;
}

std::vector<Found> Collected::settled() const {
  std::vector<Found> told;
  std::vector<const Found*> dropped;
  for (const Found& each : found_) {
    if (stands(each, found_)) {
      told.push_back(each);
    } else if (!each.finding.is_potential) {
      dropped.push_back(&each);
    }
  }
  // The calls that made an error that is not told may not run together either.
  for (const Found* const each : dropped) {
    if (each->finding.level != Level::error) continue;
    const auto instead = std::ranges::find_if(
        told, [each](const Found& other) { return says_more(other.finding, each->finding); });
    if (instead != told.end()) instead->pairs.insert(each->pairs.begin(), each->pairs.end());
  }
  std::ranges::stable_sort(told, {}, rank_of);
  return told;
}

bool Collected::has_errors() const {
  return std::ranges::any_of(settled(),
                             [](const Found& each) { return each.finding.level == Level::error; });
}

}  // namespace atonce::check
