#include "app/orphans.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace atonce::app {
namespace {

namespace fs = std::filesystem;

constexpr int kMostRounds = 100;  // one that starts others faster than they are ended stays

std::optional<pid_t> number_of(const std::string& text) {
  pid_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole ? std::optional(number) : std::nullopt;
}

// /proc/PID/stat is "PID (NAME) STATE PARENT ...", and a name may hold anything.
std::optional<pid_t> parent_of(const fs::path& process) {
  std::string stat;
  std::getline(std::ifstream(process / "stat"), stat, '\0');
  const std::size_t name_end = stat.rfind(") ");
  if (name_end == std::string::npos) return std::nullopt;
  const std::size_t parent = name_end + 4;  // after the state, which is one letter
  return parent < stat.size() ? number_of(stat.substr(parent, stat.find(' ', parent) - parent))
                              : std::nullopt;
}

std::vector<pid_t> own_children() {
  std::vector<pid_t> children;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const auto process = number_of(entry.path().filename().string());
    if (process && parent_of(entry.path()) == getpid()) children.push_back(*process);
  }
  return children;
}

}  // namespace

Orphans::Orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

Orphans::~Orphans() {
  end();
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

void Orphans::end() {
  for (int round = 0; round < kMostRounds; ++round) {
    std::vector<pid_t> children = own_children();
    // Those of another user, as by sudo, cannot be ended.
    std::erase_if(children, [](pid_t child) { return kill(child, SIGKILL) != 0; });
    if (children.empty()) return;
    for (const pid_t child : children) {
      while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }
}

}  // namespace atonce::app
