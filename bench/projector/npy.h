// float32 matrices in NumPy's files, for the benchmarks.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/str.h"

namespace spirogram {

struct Array {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<float> values;
};

// NumPy's format 1.0: magic, version, 16-bit length of the header, a Python dictionary, the values.
inline constexpr size_t kPreludeBytes = 10;

// Nothing where it is anything but rows x columns of float32 in C order.
inline std::optional<Array> ReadNpy(const char* path) {
  std::ifstream file(path, std::ios::binary);
  char prelude[kPreludeBytes];
  if (!file.read(prelude, sizeof(prelude)) || std::memcmp(prelude, "\x93NUMPY\x01", 7) != 0)
    return {};
  const auto* bytes = reinterpret_cast<const unsigned char*>(prelude);
  std::string header(size_t{bytes[8]} + 256 * size_t{bytes[9]}, ' ');
  if (!file.read(header.data(), static_cast<std::streamsize>(header.size()))) return {};
  const size_t shape = header.find("'shape': (");
  if (header.find("'<f4'") == std::string::npos || shape == std::string::npos ||
      header.find("'fortran_order': False") == std::string::npos) {
    return {};
  }
  long long rows = 0;
  long long columns = 0;
  if (std::sscanf(header.c_str() + shape, "'shape': (%lld, %lld)", &rows, &columns) != 2) return {};
  if (rows < 1 || columns < 1 || rows > INT64_MAX / 4 / columns) return {};
  const std::streampos begin = file.tellg();
  file.seekg(0, std::ios::end);
  const int64_t size = file.tellg() - begin;
  if (size != rows * columns * 4) return {};
  file.seekg(begin);
  Array array{rows, columns, std::vector<float>(static_cast<size_t>(rows * columns))};
  if (!file.read(reinterpret_cast<char*>(array.values.data()), size)) return {};
  return array;
}

inline bool WriteNpy(const char* path, const std::vector<float>& values, int64_t rows,
                     int columns) {
  std::string header =
      StrCat("{'descr': '<f4', 'fortran_order': False, 'shape': (", rows, ", ", columns, "), }");
  header.resize((kPreludeBytes + header.size() + 64) / 64 * 64 - kPreludeBytes, ' ');
  header.back() = '\n';
  std::ofstream file(path, std::ios::binary);
  file.write("\x93NUMPY\x01\0", 8);
  file.put(static_cast<char>(header.size() & 0xFF)).put(static_cast<char>(header.size() >> 8));
  file.write(header.data(), static_cast<std::streamsize>(header.size()));
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(float)));
  return file.good();
}

}  // namespace spirogram
