// What the tests of child processes share: an engine whose tools are those of lane_child.cpp, and
// looks at what processes there are.
#pragma once

#include <dirent.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/fakes.h"
#include "engine/scheduler.h"
#include "process/backend.h"

namespace atonce::process {

using namespace std::chrono_literals;
using call::Outcome;

inline const std::string kChild = ATONCE_LANE_CHILD;
inline constexpr auto kPatience = 30s;  // a bound on a hang, never a measure

inline call::Policy isolated(std::optional<std::chrono::milliseconds> timeout = std::nullopt) {
  return {.timeout = timeout, .isolation = call::Isolation::process};
}

// The tools of lane_child.cpp, and one that runs here.
struct Engine {
  explicit Engine(ChildPoolOptions options) {
    for (const char* name : {"pid", "echo", "raise", "crash", "leave", "start_another"}) {
      inner.define(name, nullptr, isolated());
    }
    inner.define("hang", nullptr, isolated(100ms));
    call::Policy frugal = isolated();
    frugal.max_memory_bytes = std::size_t{64} << 20;
    inner.define("eat_memory", nullptr, frugal);
    call::Policy brief = isolated();
    brief.max_processor_time = 1s;
    inner.define("compute", nullptr, brief);
    inner.define("here", [](auto&, auto&) { return call::Returned{std::to_string(getpid())}; });
    backend = std::make_unique<ProcessBackend>(inner, Routed::isolated_tools, std::move(options));
    scheduler = std::make_unique<engine::Scheduler>(
        *backend, clock, observer, [] { return 0.0; }, engine::Options{});
  }
  ~Engine() { EXPECT_EQ(scheduler->stop(kPatience), std::vector<std::string>{}); }

  [[nodiscard]] std::vector<Outcome> run(const std::vector<std::string>& names) {
    std::vector<Outcome> outcomes;
    for (auto& each : engine::run(*scheduler, engine::plan_of(names)).calls) {
      outcomes.push_back(std::move(each.outcome));
    }
    return outcomes;
  }

  SteadyClock clock;
  engine::FakeBackend inner;
  engine::Observer observer;
  std::unique_ptr<ProcessBackend> backend;
  std::unique_ptr<engine::Scheduler> scheduler;
};

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* const folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

// The processes that have this one as their parent, ended ones that nobody has waited for included.
inline std::size_t own_children() {
  std::size_t count = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream children(thread.path() / "children");
    for (pid_t pid = 0; children >> pid;) ++count;
  }
  return count;
}

inline pid_t pid_in(const Outcome& outcome) {
  const auto* const returned = std::get_if<call::Returned>(&outcome);
  return returned == nullptr ? 0 : static_cast<pid_t>(std::stol(returned->result));
}

// Waits until there is no process of that id, or only one that nobody has waited for.
inline bool has_gone(pid_t pid) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string id;
    std::string name;
    std::string state;
    if (!(stat >> id >> name >> state) || state == "Z") return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

// A crash and an exit code are told, and the calls beside them are not harmed.
inline void expect_bad_ends_told(Engine& engine) {
  const auto outcomes = engine.run({"crash", "leave", "echo", "here"});

  EXPECT_EQ(outcomes[0], Outcome(call::Interrupted{"its process was ended by SIGSEGV (Segmentation "
                                                   "fault)"}));
  EXPECT_EQ(outcomes[1], Outcome(call::Interrupted{"its process ended with exit code 3"}));
  EXPECT_EQ(outcomes[2], Outcome(call::Returned{"{}"}));
  EXPECT_EQ(name_of(outcomes[3]), "returned");
}

}  // namespace atonce::process
