// Which words of the command line belong to the program of `atonce check --script` or to pytest.

#include <algorithm>
#include <string>
#include <utility>

#include "app/commands.h"

namespace atonce::app {
namespace {

constexpr std::string_view kMark = "--argument=:";  // a hidden option; an empty word stays one

// The option of atonce's that a long option's word names; null where it has none.
const CLI::Option* own_option(const CLI::App& command, const std::string& word) {
  if (!word.starts_with("--") || word == "--") return nullptr;
  return command.get_option_no_throw(word.substr(0, word.find('=')));
}

bool takes_next_word(const CLI::Option& option, const std::string& word) {
  return option.get_items_expected_max() > 0 && word.find('=') == std::string::npos;
}

// Options that both may have are atonce's, until a "--" says that the rest is the program's.
std::vector<std::string> mark_after(const CLI::App& command, const std::vector<std::string>& words,
                                    std::size_t from) {
  std::vector<std::string> marked(words.begin(), words.begin() + static_cast<long>(from));
  bool is_all_theirs = false;
  for (std::size_t at = from; at < words.size(); ++at) {
    if (!is_all_theirs && words[at] == "--") {
      is_all_theirs = true;
      continue;
    }
    const CLI::Option* const own = is_all_theirs ? nullptr : own_option(command, words[at]);
    if (own == nullptr) {
      marked.push_back(std::string(kMark) + words[at]);
      continue;
    }
    marked.push_back(words[at]);
    if (takes_next_word(*own, words[at]) && at + 1 < words.size()) marked.push_back(words[++at]);
  }
  return marked;
}

}  // namespace

std::vector<std::string> mark_program_arguments(const CLI::App& app,
                                                std::vector<std::string> words) {
  if (words.empty() || words.front() != "check") return words;
  const CLI::App& command = *app.get_subcommand("check");
  for (std::size_t at = 1; at < words.size() && words[at] != "--"; ++at) {
    if (words[at] == "--pytest" || words[at].starts_with("--script=")) {
      return mark_after(command, words, at + 1);
    }
    if (words[at] == "--script") {
      return mark_after(command, words, std::min(at + 2, words.size()));
    }
    const CLI::Option* const own = own_option(command, words[at]);
    if (own != nullptr && takes_next_word(*own, words[at])) ++at;
  }
  return words;
}

}  // namespace atonce::app
