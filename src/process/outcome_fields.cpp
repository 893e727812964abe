#include "process/outcome_fields.h"

#include <charconv>

namespace atonce::process {
namespace {

using Fields = std::vector<std::string>;

struct ToFields {
  Fields operator()(const call::Returned& it) const { return {it.result}; }
  Fields operator()(const call::Raised& it) const { return {it.type, it.message, it.traceback}; }
  Fields operator()(const call::Invalid& it) const { return {it.type, it.message, it.problems}; }
  Fields operator()(const call::TimedOut& it) const { return {std::to_string(it.limit.count())}; }
  Fields operator()(const call::Cancelled&) const { return {}; }
  Fields operator()(const call::NotStarted& it) const { return {it.reason}; }
  Fields operator()(const call::Interrupted& it) const { return {it.reason}; }
};

std::chrono::milliseconds to_milliseconds(const std::string& text) {
  long long count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return std::chrono::milliseconds(count);
}

}  // namespace

std::vector<std::string> to_fields(const call::Outcome& outcome) {
  Fields fields = std::visit(ToFields{}, outcome);
  fields.insert(fields.begin(), std::string(name_of(outcome)));
  return fields;
}

Result<call::Outcome> from_fields(std::span<const std::string> fields) {
  const std::string_view name = fields.empty() ? std::string_view{} : fields[0];
  const std::size_t count = fields.size();
  if (name == "returned" && count == 2) return call::Returned{fields[1]};
  if (name == "raised" && count == 4) return call::Raised{fields[1], fields[2], fields[3]};
  if (name == "invalid" && count == 4) return call::Invalid{fields[1], fields[2], fields[3]};
  if (name == "timed_out" && count == 2) return call::TimedOut{to_milliseconds(fields[1])};
  if (name == "cancelled" && count == 1) return call::Cancelled{};
  if (name == "not_started" && count == 2) return call::NotStarted{fields[1]};
  if (name == "interrupted" && count == 2) return call::Interrupted{fields[1]};
  return failure(ErrorCode::bad_response, "these fields are no outcome");
}

}  // namespace atonce::process
