// Prompts' states on disk, so that the next start of the program does not compute them again: one
// file for each prompt beginning, named by what it depends on, the oldest deleted when there are
// many.
//
// Thread safety: none needed; files are renamed into place, so several programs may share a folder.
#pragma once

#include <filesystem>
#include <span>

#include "model/local_runtime.h"

namespace atonce::model {

class StateFolder final {
 public:
  // Without a folder nothing is kept. `model` is part of every key, by its size and time.
  StateFolder(std::filesystem::path folder, const std::filesystem::path& model);

  // Brings `sequence` to a state that is a beginning of `tokens`, if one is kept for exactly it.
  [[nodiscard]] bool load(LocalRuntime& runtime, Sequence sequence,
                          std::span<const Token> tokens) const;

  // Keeps what `sequence` holds.
  void save(LocalRuntime& runtime, Sequence sequence) const;

 private:
  [[nodiscard]] std::filesystem::path path_of(std::span<const Token> tokens) const;
  void forget_old() const;

  const std::filesystem::path folder_;
  const std::string model_key_;
};

}  // namespace atonce::model
