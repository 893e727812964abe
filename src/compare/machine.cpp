#include "compare/machine.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>

namespace atonce::compare {
namespace {

std::size_t cores_by_affinity() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
    return static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  }
  return static_cast<std::size_t>(CPU_COUNT(&allowed));
}

// "QUOTA PERIOD" of control groups, version 2; "max" is no quota. 0: none.
double cores_by_quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0;
  double period = 0;
  return file >> quota >> period && period > 0 ? quota / period : 0;
}

// The value of a "name : value" line.
std::string value_of(const std::string& line) {
  const std::size_t colon = line.find(": ");
  return colon == std::string::npos ? "" : line.substr(colon + 2);
}

void read_processor(Machine& machine) {
  std::ifstream file("/proc/cpuinfo");
  std::set<std::pair<std::string, std::string>> cores;
  std::string socket;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) machine.processor = value_of(line);
    if (line.starts_with("physical id")) socket = value_of(line);
    if (line.starts_with("core id")) cores.emplace(socket, value_of(line));
  }
  machine.physical_cores = cores.size();
}

}  // namespace

std::size_t usable_cores() {
  std::size_t cores = cores_by_affinity();
  if (const double quota = cores_by_quota(); quota > 0) {
    cores = std::min(cores, static_cast<std::size_t>(std::max(1.0, std::floor(quota))));
  }
  return std::max<std::size_t>(1, cores);
}

double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

Duration busy_time() {
  std::ifstream file("/proc/stat");
  std::string name;
  long long user = 0, nice = 0, system = 0, idle = 0, waiting = 0, hard = 0, soft = 0, stolen = 0;
  file >> name >> user >> nice >> system >> idle >> waiting >> hard >> soft >> stolen;
  const auto ticks = sysconf(_SC_CLK_TCK);
  return std::chrono::nanoseconds((user + nice + system + hard + soft + stolen) *
                                  (1'000'000'000 / ticks));
}

Machine read_machine() {
  Machine machine{.cores = usable_cores()};
  read_processor(machine);
  utsname system{};
  if (uname(&system) == 0) {
    machine.system = std::string(system.sysname) + " " + system.release + " " + system.machine;
  }
  machine.memory_mb = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                      static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
  machine.load_before = load_average();
  return machine;
}

}  // namespace atonce::compare
