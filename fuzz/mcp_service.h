// A service over lambdas, for the targets that ask one.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/fakes.h"
#include "serve/mcp_service.h"
#include "target.h"

namespace atonce::fuzz {

struct Offer {
  call::Role role;
  std::string name;
  std::string subject;
  engine::FakeBackend::Function function;
};

// Tools and more. May live as long as the program.
class Offers final {
 public:
  explicit Offers(std::vector<Offer> offers) : specs_(specs_of(offers)), catalogue_(specs_) {
    for (Offer& each : offers) {
      backend_.offer(each.name, each.role, std::move(each.function));
    }
  }

  [[nodiscard]] const serve::Catalogue& catalogue() const { return catalogue_; }
  [[nodiscard]] engine::FakeBackend& backend() { return backend_; }

 private:
  static std::vector<call::ToolSpec> specs_of(const std::vector<Offer>& offers) {
    std::vector<call::ToolSpec> specs;
    for (const Offer& each : offers) {
      call::ToolSpec& spec = specs.emplace_back(
          call::ToolSpec{.name = each.name, .description = "", .input_schema = "{}"});
      spec.declarations.fill(R"({"name":"x"})");
      spec.role = each.role;
      spec.subject = each.subject;
      if (each.role == call::Role::tool) spec.headers = {{"region", "Region", "string"}};
    }
    return specs;
  }

  const std::vector<call::ToolSpec> specs_;
  const serve::Catalogue catalogue_;
  engine::FakeBackend backend_;
};

// One input's service and the engine that runs its calls. It goes only when they have ended: those
// that were cancelled run on when they have been answered.
class Server final {
 public:
  explicit Server(Offers& offers)
      : scheduler_(
            offers.backend(), clock_, observer_, [] { return 0.0; }, engine::Options{}),
        service(offers.catalogue(), scheduler_, sessions, subscribers, clock_, {"fuzz", "1"}) {}

  ~Server() { require(scheduler_.stop(std::chrono::seconds(10)).empty(), "calls end"); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  SteadyClock clock_;
  engine::Observer observer_;
  engine::Scheduler scheduler_;

 public:
  serve::Sessions sessions{{}, clock_};
  serve::Subscribers subscribers{sessions};
  serve::McpService service;
};

}  // namespace atonce::fuzz
