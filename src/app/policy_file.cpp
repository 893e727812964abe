#include "app/policy_file.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

#include "app/build_places.h"
#include "app/report.h"
#include "base/text.h"

namespace atonce::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".atonce.json";

std::optional<std::string> read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
}

std::string sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return to_hexadecimal(std::span(digest).first(size));
}

// `file.py` of `file.py:object`; a file's own name may hold a colon.
fs::path file_of(const std::string& spec) {
  std::error_code ignored;
  const std::size_t colon = spec.rfind(':');
  if (colon == std::string::npos || colon == 0 || fs::exists(spec, ignored)) return spec;
  return spec.substr(0, colon);
}

// A module is looked for below the working folder, which comes first on Python's path.
Result<fs::path> path_of(const ToolsSettings& tools, const std::string& spec) {
  std::error_code ignored;
  if (!tools.is_module) {
    fs::path path = file_of(spec);
    if (fs::exists(path, ignored)) return path;
    return failure(ErrorCode::not_found, "there is no file `" + path.string() + "`");
  }
  std::string name = spec.substr(0, spec.find(':'));
  std::ranges::replace(name, '.', '/');
  for (const fs::path& path : {fs::path(name + ".py"), fs::path(name) / "__init__.py"}) {
    if (fs::exists(path, ignored)) return path;
  }
  return failure(ErrorCode::not_found, "the file of the module `" + spec + "` is not here",
                 "name the file instead of the module");
}

// All Python files of a folder, each after its name, so that a renamed one counts as changed.
std::string texts_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".py") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::string all;
  for (const fs::path& file : files) {
    const std::string text = read_file(file).value_or("");
    all += file.filename().string() + '\0' + std::to_string(text.size()) + '\0' + text;
  }
  return all;
}

struct Kept {
  fs::path file;
  check::Policy policy;
};

// The policy that was named or is beside the tools; nothing where there is none.
Result<std::optional<Kept>> read_kept(const ToolsSettings& tools, const std::string& spec) {
  fs::path file;
  if (tools.policy) {
    file = *tools.policy;
  } else {
    const auto place = find_policy_place(tools, spec);
    if (!place) return std::nullopt;  // loading the tools will say what is wrong with them
    file = *place;
  }
  const auto text = read_file(file);
  if (!text && tools.policy) {
    return failure(ErrorCode::not_found, "cannot read the policy `" + file.string() + "`",
                   "make it with atonce check " + spec + " --write-policy");
  }
  if (!text) return std::nullopt;
  auto policy = check::read_policy(*text);
  if (!policy) {
    Error error = policy.error();
    error.message = file.string() + ": " + error.message;
    return std::unexpected(std::move(error));
  }
  return Kept{file, *std::move(policy)};
}

std::unexpected<Error> not_passed(const std::string& spec, const std::string& why) {
  return failure(ErrorCode::bad_input, "`" + spec + "` has no passing check: " + why,
                 "run atonce check " + spec + " --write-policy, and mend what it finds");
}

Result<void> require_passed(const std::string& spec, const std::optional<Kept>& kept,
                            const Result<std::string>& hash) {
  if (!kept) return not_passed(spec, "there is no policy beside it");
  if (!hash) return std::unexpected(hash.error());
  if (kept->policy.file_sha256 != *hash) {
    return not_passed(spec, "it has changed since " + kept->file.string() + " was made");
  }
  if (kept->policy.verdict != name_of(check::Verdict::clean)) {
    return not_passed(spec, "the verdict of its last check is `" + kept->policy.verdict + "`");
  }
  return {};
}

}  // namespace

Result<fs::path> find_policy_place(const ToolsSettings& tools, const std::string& spec) {
  auto path = path_of(tools, spec);
  if (!path) return path;
  std::error_code ignored;
  if (fs::is_directory(*path, ignored)) return *path / kSuffix.substr(1);
  return path->replace_extension().concat(kSuffix);
}

Result<std::string> hash_tools(const ToolsSettings& tools, const std::string& spec) {
  const auto path = path_of(tools, spec);
  if (!path) return std::unexpected(path.error());
  std::error_code ignored;
  if (fs::is_directory(*path, ignored)) return sha256(texts_of(*path));
  const auto text = read_file(*path);
  if (text) return sha256(*text);
  return failure(ErrorCode::not_found, "cannot read `" + path->string() + "`");
}

Result<fs::path> write_policy_file(const ToolsSettings& tools, const std::string& hash,
                                   const check::Report& report) {
  auto place =
      tools.policy ? Result<fs::path>(*tools.policy) : find_policy_place(tools, tools.spec());
  if (!place) return place;
  std::ofstream stream(*place, std::ios::binary);
  stream << check::write_policy({.file_sha256 = hash,
                                 .verdict = std::string(name_of(report.verdict)),
                                 .checked_with = kVersion,
                                 .serial = check::groups_of(report.unsafe_pairs)});
  stream.close();
  if (stream) return place;
  return failure(ErrorCode::bad_input, "cannot write the policy `" + place->string() + "`",
                 "check that its folder may be written to, or name another with --policy");
}

Result<std::vector<std::vector<std::string>>> read_serial_groups(const ToolsSettings& tools,
                                                                 const std::string& spec) {
  auto kept = read_kept(tools, spec);
  if (!kept) return std::unexpected(kept.error());
  if (!*kept && !tools.requires_check) return std::vector<std::vector<std::string>>{};
  const auto hash = hash_tools(tools, spec);
  if (tools.requires_check) {
    if (auto passed = require_passed(spec, *kept, hash); !passed) {
      return std::unexpected(passed.error());
    }
  }
  if (hash && (*kept)->policy.file_sha256 != *hash) {
    print_warning("`" + spec + "` has changed since it was checked: " + (*kept)->file.string() +
                  " may say too little; run atonce check --write-policy again");
  }
  return std::move((*kept)->policy.serial);
}

}  // namespace atonce::app
