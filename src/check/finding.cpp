#include "check/finding.h"

#include <algorithm>
#include <optional>

#include "check/fields.h"

namespace atonce::check {
namespace {

std::optional<Level> level_of(std::string_view name) {
  for (const Level level : {Level::note, Level::warning, Level::error}) {
    if (name_of(level) == name) return level;
  }
  return std::nullopt;
}

Access read_access(const json::View& object) {
  return {.op = text_in(object, "op"),
          .file = text_in(object, "file"),
          .line = static_cast<int>(number_in(object, "line")),
          .function = text_in(object, "function"),
          .thread = text_in(object, "thread"),
          .call = text_in(object, "call"),
          .locks = texts_in(object, "locks"),
          .text = text_in(object, "text")};
}

}  // namespace

std::string_view name_of(Level level) {
  switch (level) {
    case Level::note: return "note";
    case Level::warning: return "warning";
    case Level::error: break;
  }
  return "error";
}

std::vector<Place> places_of(const Finding& finding) {
  std::vector<Place> places;
  for (const Access& access : finding.accesses) places.push_back({access.file, access.line});
  std::ranges::sort(places);
  const auto rest = std::ranges::unique(places);
  places.erase(rest.begin(), rest.end());
  return places;
}

bool share_a_place(const Finding& one, const Finding& other) {
  const std::vector<Place> places = places_of(other);
  return std::ranges::any_of(places_of(one), [&places](const Place& place) {
    return std::ranges::binary_search(places, place);
  });
}

Result<Finding> read_finding(const json::View& object) {
  const auto level = level_of(text_in(object, "level"));
  Finding finding{.kind = text_in(object, "kind"),
                  .level = level.value_or(Level::error),
                  .variable = text_in(object, "variable"),
                  .element = text_in(object, "element"),
                  .container = text_in(object, "container"),
                  .is_potential = flag_in(object, "potential"),
                  .is_guess = flag_in(object, "guess"),
                  .message = text_in(object, "message")};
  if (finding.kind.empty() || !level) {
    return failure(ErrorCode::bad_response, "this is no finding: " + std::string(object.raw()));
  }
  if (const auto accesses = object.find("accesses")) {
    for (const json::View& each : accesses->items()) finding.accesses.push_back(read_access(each));
  }
  return finding;
}

Result<std::vector<Finding>> read_findings(const json::View& array) {
  if (!array.is(json::Kind::array)) {
    return failure(ErrorCode::bad_response, "these are no findings: " + std::string(array.raw()));
  }
  std::vector<Finding> findings;
  for (const json::View& each : array.items()) {
    auto finding = read_finding(each);
    if (!finding) return std::unexpected(finding.error());
    findings.push_back(*std::move(finding));
  }
  return findings;
}

}  // namespace atonce::check
