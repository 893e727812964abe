#include "compare/usage.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace atonce::compare {
namespace {

namespace fs = std::filesystem;

fs::path place_of(pid_t process) { return fs::path("/proc") / std::to_string(process); }

std::vector<fs::path> threads_of(pid_t process) {
  std::vector<fs::path> threads;
  std::error_code error;
  fs::directory_iterator at(place_of(process) / "task", error);
  while (!error && at != fs::directory_iterator()) {
    threads.push_back(at->path());
    at.increment(error);  // a thread may end meanwhile
  }
  return threads;
}

// The process and its descendants, parents first.
std::vector<pid_t> family_of(pid_t root) {
  std::vector<pid_t> family{root};
  for (std::size_t at = 0; at < family.size(); ++at) {
    for (const fs::path& thread : threads_of(family[at])) {
      std::ifstream children(thread / "children");
      for (pid_t child = 0; children >> child;) family.push_back(child);
    }
  }
  return family;
}

Duration processor_time(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return {};
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// "NAME: VALUE" of a file in /proc; 0 when it is not there.
std::uint64_t value_in(const fs::path& file, const std::string& name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name))
      return std::stoull("0" + line.substr(line.find_first_of("0123456789")));
  }
  return 0;
}

// Adds the fields of /proc/PID/stat, which follow the name in its parentheses.
void add_stat(pid_t process, Usage& usage) {
  std::ifstream file(place_of(process) / "stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  std::uint64_t faults = 0;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  for (int field = 3; field < 10; ++field) fields >> skipped;
  fields >> faults;
  for (int field = 11; field < 14; ++field) fields >> skipped;
  fields >> user >> system;
  usage.faults += faults;
  const auto ticks = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  usage.system += std::chrono::nanoseconds(system * 1'000'000'000 / ticks);
}

}  // namespace

Usage read_usage(pid_t root) {
  Usage usage;
  for (const pid_t process : family_of(root)) {
    usage.processor += processor_time(process);
    add_stat(process, usage);
    ++usage.processes;
    for (const fs::path& thread : threads_of(process)) {
      usage.waited += value_in(thread / "status", "voluntary_ctxt_switches");
      usage.displaced += value_in(thread / "status", "nonvoluntary_ctxt_switches");
    }
  }
  return usage;
}

Usage operator-(const Usage& later, const Usage& earlier) {
  const auto less = [](auto one, auto other) {
    return one > other ? one - other : decltype(one){};
  };
  return {.processor = less(later.processor, earlier.processor),
          .system = less(later.system, earlier.system),
          .faults = less(later.faults, earlier.faults),
          .waited = less(later.waited, earlier.waited),
          .displaced = less(later.displaced, earlier.displaced),
          .processes = later.processes};
}

// They all map the same programs and libraries, so the one that has most of those pages stands for
// all; the kernel's own Pss_File would be divided among other families, too.
std::size_t read_memory(pid_t root) {
  std::size_t own = 0;
  std::size_t of_files = 0;
  for (const pid_t process : family_of(root)) {
    const fs::path rollup = place_of(process) / "smaps_rollup";
    own += value_in(rollup, "Pss_Anon:") + value_in(rollup, "Pss_Shmem:");
    of_files = std::max(of_files, value_in(place_of(process) / "status", "RssFile:"));
  }
  return (own + of_files) * 1'024;
}

}  // namespace atonce::compare
