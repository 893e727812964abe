#include "check/policy.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "check/fields.h"

namespace atonce::check {
namespace {

// Each name's representative, in a forest of those that belong together.
class Groups {
 public:
  void join(const std::string& one, const std::string& other) {
    const std::string root = root_of(one);
    parents_[root_of(other)] = root;
  }

  [[nodiscard]] std::vector<std::vector<std::string>> take() {
    std::map<std::string, std::vector<std::string>> groups;
    for (const auto& [name, parent] : parents_) groups[root_of(name)].push_back(name);
    std::vector<std::vector<std::string>> all;
    for (auto& [root, names] : groups) all.push_back(std::move(names));
    std::ranges::sort(all);
    return all;
  }

 private:
  [[nodiscard]] std::string root_of(const std::string& name) {
    std::string root = parents_.try_emplace(name, name).first->second;
    while (parents_[root] != root) root = parents_[root];
    return root;
  }

  std::map<std::string, std::string> parents_;
};

bool is_verdict(const std::string& text) {
  constexpr std::string_view kVerdicts[] = {"clean", "findings", "inconclusive"};
  return std::ranges::find(kVerdicts, text) != std::end(kVerdicts);
}

std::unexpected<Error> no_policy(const std::string& why) {
  return failure(ErrorCode::bad_input, "this is no policy: " + why,
                 "make it with atonce check TOOLS --write-policy");
}

}  // namespace

std::vector<std::vector<std::string>> groups_of(const std::vector<NamePair>& pairs) {
  Groups groups;
  for (const NamePair& pair : pairs) groups.join(pair[0], pair[1]);
  return groups.take();
}

std::string write_policy(const Policy& policy) {
  json::Writer writer;
  writer.begin_object().key("file_sha256").string(policy.file_sha256);
  writer.key("verdict").string(policy.verdict);
  writer.key("checked_with").string(policy.checked_with).key("serial").begin_array();
  for (const std::vector<std::string>& group : policy.serial) write_texts(writer, group);
  writer.end_array().end_object();
  return writer.take() + "\n";
}

Result<Policy> read_policy(std::string_view text) {
  const auto document = json::Document::parse(text);
  if (!document) return no_policy(document.error().message);
  const json::View root = document->root();
  Policy policy{.file_sha256 = text_in(root, "file_sha256"),
                .verdict = text_in(root, "verdict"),
                .checked_with = text_in(root, "checked_with")};
  if (policy.file_sha256.empty()) return no_policy("`file_sha256` is missing");
  if (policy.verdict.empty()) return no_policy("`verdict` is missing");
  if (!is_verdict(policy.verdict)) {
    return no_policy("`verdict` is \"" + policy.verdict +
                     "\", not clean, findings or inconclusive");
  }
  const auto serial = root.find("serial");
  if (!serial || !serial->is(json::Kind::array)) return no_policy("`serial` is no array of groups");
  for (const json::View& group : serial->items()) {
    std::vector<std::string> names;
    for (const json::View& name : group.items()) {
      if (!name.as_string()) return no_policy("a group of `serial` holds what is no name");
      names.emplace_back(*name.as_string());
    }
    if (names.empty()) return no_policy("a group of `serial` has no names");
    policy.serial.push_back(std::move(names));
  }
  return policy;
}

}  // namespace atonce::check
