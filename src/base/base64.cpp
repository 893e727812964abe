#include "base/base64.h"

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>

namespace atonce {

std::string to_base64(std::string_view bytes) {
  using namespace boost::archive::iterators;
  using Sextets = base64_from_binary<transform_width<const char*, 6, 8>>;
  // The iterators read on to a whole number of sextets.
  const std::string padded = std::string(bytes) + std::string((3 - bytes.size() % 3) % 3, '\0');
  std::string coded(Sextets(padded.data()), Sextets(padded.data() + padded.size()));
  const std::size_t padding = padded.size() - bytes.size();
  return coded.replace(coded.size() - padding, padding, padding, '=');
}

}  // namespace atonce
