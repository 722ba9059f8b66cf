// The colours of the pages (static/src/base/colour.ts, style.css), for pictures.
#pragma once

#include <array>
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

inline constexpr std::array<uint32_t, 20> kCategoryColours = {
    0x2b83c6, 0xe0661c, 0x12a37d, 0xc866ab, 0xc99400, 0x43b3e8, 0x7c67cc,
    0x8f7d5a, 0x8ec4ec, 0xf5ab7d, 0x7dd6bd, 0xe6aed6, 0xecd07a, 0x0d4f7d,
    0x43307f, 0x5b4b2c, 0x9b2c2c, 0x4d7c0f, 0xbe185d, 0x334e68};
inline constexpr uint32_t kOtherColour = 0x8a949e;

// Viridis (van der Walt and Smith 2015) at 16 even steps.
inline constexpr std::array<uint32_t, 16> kViridis = {
    0x440154, 0x481a6c, 0x472f7d, 0x414487, 0x39568c, 0x31688e, 0x2a788e, 0x23888e,
    0x1f988b, 0x22a884, 0x35b779, 0x54c568, 0x7ad151, 0xa5db36, 0xd2e21b, 0xfde725};

struct Theme {
  Rgb surface;
  Rgb text;
  Rgb muted;
  Rgb line;
};
inline constexpr Theme kLightTheme = {FromHex(0xffffff), FromHex(0x16202a), FromHex(0x5c6975),
                                      FromHex(0xdfe3e7)};
inline constexpr Theme kDarkTheme = {FromHex(0x171f26), FromHex(0xe4e9ed), FromHex(0x97a4af),
                                     FromHex(0x29343d)};

}  // namespace spirogram::mapping
