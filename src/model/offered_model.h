// What a provider's list says of one of its models.
#pragma once

#include <cstdint>
#include <string>

namespace atonce::model {

struct OfferedModel {
  std::string name;                    // as the provider's other calls take it
  std::string display_name = {};       // empty if there is none
  std::int64_t input_token_limit = 0;  // 0 if not said
};

}  // namespace atonce::model
