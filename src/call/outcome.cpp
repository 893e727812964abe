#include "call/outcome.h"

namespace atonce::call {
namespace {

struct Name {
  std::string_view operator()(const Returned&) const { return "returned"; }
  std::string_view operator()(const Raised&) const { return "raised"; }
  std::string_view operator()(const Invalid&) const { return "invalid"; }
  std::string_view operator()(const TimedOut&) const { return "timed_out"; }
  std::string_view operator()(const Cancelled&) const { return "cancelled"; }
  std::string_view operator()(const NotStarted&) const { return "not_started"; }
  std::string_view operator()(const Interrupted&) const { return "interrupted"; }
};

struct Sentence {
  std::string operator()(const Returned& it) const { return it.result; }
  std::string operator()(const Raised& it) const {
    return it.message.empty() ? it.type : it.type + ": " + it.message;
  }
  std::string operator()(const Invalid& it) const { return it.message; }
  std::string operator()(const TimedOut& it) const {
    return "no answer within " + std::to_string(it.limit.count()) + " ms";
  }
  std::string operator()(const Cancelled&) const { return "cancelled by the caller"; }
  std::string operator()(const NotStarted& it) const { return "not started: " + it.reason; }
  std::string operator()(const Interrupted& it) const { return "interrupted: " + it.reason; }
};

}  // namespace

std::string_view name_of(const Outcome& outcome) { return std::visit(Name{}, outcome); }

std::string describe(const Outcome& outcome) { return std::visit(Sentence{}, outcome); }

}  // namespace atonce::call
