// Remembers how far a check said that it was.
#pragma once

#include <string>
#include <vector>

#include "check/progress.h"

namespace atonce::check {

class ToldProgress final : public Progress {
 public:
  struct Step {
    std::string what;
    double share = 0;
    std::size_t findings = 0;
  };

  void on_step(std::string_view what, double share, std::size_t findings) override {
    steps.push_back({std::string(what), share, findings});
  }

  std::vector<Step> steps;
};

}  // namespace atonce::check
