#include "base/printable.h"

#include <gtest/gtest.h>

namespace spirogram {
namespace {

TEST(PrintableTest, ShowsControlCharactersAsEscapes) {
  EXPECT_EQ(ToPrintable("Größe 🫁\nnext"), "Größe 🫁\nnext");
  EXPECT_EQ(ToPrintable("\x1b[2Jred\x07\r\x7f"), "\\x1b[2Jred\\x07\\x0d\\x7f");
  EXPECT_EQ(ToPrintable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(ToPrintable("\xC2\x9B"
                        "2J \xC2\xA7"),
            "\\x9b2J §");  // U+009B begins a sequence too
}

}  // namespace
}  // namespace spirogram
