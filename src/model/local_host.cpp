#include "model/local_host.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>

namespace atonce::model {
namespace {

// One core reads a model this small from memory at half the speed of the machine; a few use it up.
constexpr unsigned kMostCores = 8;

struct Ticks {
  double idle = 0;
  double all = 0;
};

Ticks read_ticks() {
  std::ifstream file("/proc/stat");
  std::string label;
  file >> label;  // "cpu": user nice system idle iowait irq softirq steal
  Ticks ticks;
  double value = 0;
  for (int column = 0; column < 8 && file >> value; ++column) {
    ticks.all += value;
    if (column == 3 || column == 4) ticks.idle += value;
  }
  return ticks;
}

unsigned usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) {
    return std::max(1U, std::thread::hardware_concurrency());
  }
  return std::max(1U, static_cast<unsigned>(CPU_COUNT(&set)));
}

// "max 100000" or "150000 100000": microseconds of processor time in each period.
double container_cores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0;
  double period = 0;
  return file >> quota >> period && period > 0 ? quota / period : kMostCores;
}

std::optional<std::uint64_t> read_number(const char* path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  return file >> value ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> read_field(const char* path, const std::string& name) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(name)) return std::stoull(line.substr(name.size()));
  }
  return std::nullopt;
}

// What the container may still take; its page cache can be given back.
std::optional<std::uint64_t> container_memory_bytes() {
  const auto limit = read_number("/sys/fs/cgroup/memory.max");  // "max" is no number: no limit
  const auto used = read_number("/sys/fs/cgroup/memory.current");
  if (!limit || !used) return std::nullopt;
  const auto cache = read_field("/sys/fs/cgroup/memory.stat", "inactive_file ").value_or(0);
  return *limit + cache > *used ? *limit + cache - *used : 0;
}

}  // namespace

unsigned read_idle_cores(std::chrono::milliseconds window) {
  const Ticks before = read_ticks();
  std::this_thread::sleep_for(window);
  const Ticks after = read_ticks();
  const double all = after.all - before.all;
  const double share = all > 0 ? (after.idle - before.idle) / all : 1.0;
  const double machine = std::max(1U, std::thread::hardware_concurrency());
  // Rounded: a core that is busy for a tenth of the time still counts as idle.
  const double idle = std::round(share * machine);
  const double most = std::min({idle, static_cast<double>(usable_cores()), container_cores()});
  return std::clamp(static_cast<unsigned>(std::max(1.0, most)), 1U, kMostCores);
}

std::optional<std::uint64_t> read_available_memory_bytes() {
  const auto kilobytes = read_field("/proc/meminfo", "MemAvailable:");
  const auto container = container_memory_bytes();
  if (!kilobytes) return container;
  return std::min(*kilobytes * 1024, container.value_or(UINT64_MAX));
}

}  // namespace atonce::model
