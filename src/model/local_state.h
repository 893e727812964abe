// Prompts' states on disk, so that the next start of the program does not compute them again: one
// file for each beginning of a prompt, named by what it depends on; the oldest are deleted when
// there are many. A damaged or foreign file is as good as none: a checksum covers all of it.
//
// Thread safety: as LocalRuntime. Files are renamed into place, so programs may share a folder.
#pragma once

#include <filesystem>
#include <span>

#include "model/local_runtime.h"

namespace atonce::model {

class StateFolder final {
 public:
  // Without a folder nothing is kept. The file `model` is part of every key, by its size and time.
  StateFolder(std::filesystem::path folder, const std::filesystem::path& model);

  // Makes `sequence` hold `tokens`, if their state is kept; says whether it is.
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
