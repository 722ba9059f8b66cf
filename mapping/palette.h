// The colours of the pages (static/src/base/colour.ts, style.css), for pictures.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace spirogram::mapping {

struct Rgb {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;

  friend bool operator==(const Rgb&, const Rgb&) = default;
};

constexpr Rgb FromHex(uint32_t hex) {
  return {static_cast<uint8_t>(hex >> 16), static_cast<uint8_t>(hex >> 8),
          static_cast<uint8_t>(hex)};
}

inline constexpr size_t kCategoriesMax = 20;
inline constexpr uint32_t kOtherColour = 0x8a949e;

// Viridis (van der Walt and Smith 2015) at 16 even steps.
inline constexpr std::array<uint32_t, 16> kViridis = {
    0x440154, 0x481a6c, 0x472f7d, 0x414487, 0x39568c, 0x31688e, 0x2a788e, 0x23888e,
    0x1f988b, 0x22a884, 0x35b779, 0x54c568, 0x7ad151, 0xa5db36, 0xd2e21b, 0xfde725};

// A ground, and what stands out on it.
struct Theme {
  Rgb surface;
  Rgb text;
  Rgb muted;
  Rgb line;
  std::array<uint32_t, kCategoriesMax> categories;
  // The part of a scale whose colours are not as light, or as dark, as the ground.
  double scale_from;
  double scale_to;
};
inline constexpr Theme kLightTheme = {
    FromHex(0xffffff),
    FromHex(0x16202a),
    FromHex(0x5c6975),
    FromHex(0xdfe3e7),
    {0x0b6fb3, 0xd1560a, 0x0a8f6c, 0xb8559a, 0xb98700, 0x2a98cf, 0x6b55b8,
     0x7a6a4a, 0x6b0d38, 0x055b10, 0x0f3872, 0xa60156, 0x156067, 0x493802,
     0x8b2395, 0x7f996c, 0x8f331a, 0xa182ab, 0x6e8210, 0x8d76fa},
    0,
    0.59};
inline constexpr Theme kDarkTheme = {
    FromHex(0x171f26),
    FromHex(0xe4e9ed),
    FromHex(0x97a4af),
    FromHex(0x29343d),
    {0x5aaee6, 0xf58b4c, 0x35c79a, 0xe394c8, 0xe8bb45, 0x8fd0f5, 0xab9af0,
     0xc4b184, 0x997175, 0x93fdab, 0x5b75d6, 0xffd4e0, 0x298c9b, 0x998b09,
     0xc668b2, 0x839e82, 0xc75444, 0xae91aa, 0xebe968, 0x9c7bd2},
    0.4,
    1};

constexpr const Theme& ThemeOf(bool is_dark) {
  return is_dark ? kDarkTheme : kLightTheme;
}

}  // namespace spirogram::mapping
