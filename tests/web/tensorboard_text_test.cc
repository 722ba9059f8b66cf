// Texts of TensorBoard's answers: Python's numbers and strings, JSON, forms, Markdown, patterns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "web/tensorboard/blob_key.h"
#include "web/tensorboard/compressor.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/markdown.h"
#include "web/tensorboard/parameters.h"
#include "web/tensorboard/path.h"
#include "web/tensorboard/pattern.h"
#include "web/tensorboard/python_text.h"

namespace spirogram::web::tensorboard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PythonTextTest, PrintsFloatsAsReprDoes) {
  // Each text is what Python 3.11 prints.
  const std::pair<double, const char*> cases[] = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {-2.5, "-2.5"},
      {0.1, "0.1"},
      {0.30000000000000004, "0.30000000000000004"},
      {1e-4, "0.0001"},
      {1e-5, "1e-05"},
      {1.5e-7, "1.5e-07"},
      {123456789012345680.0, "1.2345678901234568e+17"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {1e100, "1e+100"},
      {5e-324, "5e-324"},
      {1700000000.25, "1700000000.25"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {std::nan(""), "nan"},
      {-std::numeric_limits<double>::infinity(), "-inf"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(PythonFloat(value), text);
}

TEST(PythonTextTest, QuotesTextsAsReprDoes) {
  EXPECT_EQ(PythonRepr("loss"), "'loss'");
  EXPECT_EQ(PythonRepr("it's"), "\"it's\"");
  EXPECT_EQ(PythonRepr("'\""), "'\\'\"'");
  EXPECT_EQ(PythonRepr("a\n\\\x01"), "'a\\n\\\\\\x01'");
  EXPECT_EQ(PythonRepr(nullptr), "None");
}

TEST(PythonTextTest, QuotesCsvFieldsThatNeedIt) {
  EXPECT_EQ(CsvField("a b"), "a b");
  EXPECT_EQ(CsvField("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
}

TEST(JsonWriterTest, WritesNestedValuesWithCommasWhereTheyBelong) {
  JsonWriter json;
  json.BeginObject();
  json.Field("a", 1);
  json.Key("b");
  json.BeginArray();
  json.BeginArray();
  json.EndArray();
  json.Float(0.5);
  json.Null();
  json.EndArray();
  json.Field("c\"\n\x02", "\xFF\xC3\xA4");
  json.EndObject();
  EXPECT_EQ(json.Finish(),
            "{\"a\": 1, \"b\": [[], 0.5, null], "
            "\"c\\\"\\n\\u0002\": \"\xEF\xBF\xBD\xC3\xA4\"}");
}

TEST(ParametersTest, KeepRepeatedNamesInOrder) {
  const auto parameters = Parameters::Parse("run=a&run=b+c&x&run=%C3%A4&&=");
  ASSERT_TRUE(parameters.ok());
  EXPECT_THAT(parameters->All("run"), ElementsAre("a", "b c", "\xC3\xA4"));
  EXPECT_EQ(*parameters->Find("x"), "");
  EXPECT_EQ(parameters->Find("y"), nullptr);
}

TEST(ParametersTest, RefuseBadEscapesAndTooMany) {
  EXPECT_FALSE(Parameters::Parse("a=%4").ok());
  EXPECT_FALSE(Parameters::Parse("a=%FF").ok());
  EXPECT_EQ(*Parameters::Parse("a=%00")->Find("a"), std::string(1, '\0'));
  std::string many;
  for (size_t i = 0; i <= Parameters::kCountMax; ++i) many.append("a&");
  EXPECT_FALSE(Parameters::Parse(many).ok());
}

TEST(ParametersTest, RefuseDamagedMultipartForms) {
  const std::string type = "multipart/form-data; boundary=\"b\"";
  const std::string part = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nv";
  const auto whole = Parameters::ParseMultipart(type, part + "\r\n--b--\r\n");
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  EXPECT_EQ(*whole->Find("x"), "v");
  for (size_t length = 0; length < part.size() + 5; ++length) {
    EXPECT_FALSE(Parameters::ParseMultipart(type, (part + "\r\n--b--").substr(0, length)).ok());
  }
  EXPECT_FALSE(Parameters::ParseMultipart("multipart/form-data", part + "\r\n--b--").ok());
  EXPECT_FALSE(
      Parameters::ParseMultipart(
          type, "--b\r\nContent-Disposition: form-data; name=x; filename=y\r\n\r\n\r\n--b--")
          .ok());
}

TEST(PathTest, FindsTheRouteBelowDataWithOrWithoutAnExperiment) {
  EXPECT_EQ(ParsePath("/data/runs")->route, "runs");
  EXPECT_EQ(ParsePath("/experiment/abc/data/plugin/scalars/tags/")->route, "plugin/scalars/tags");
  EXPECT_EQ(ParsePath("/experiment/abc/data/runs")->experiment, "abc");
  for (const char* page :
       {"/", "/data", "/runs", "/experiment/abc", "/experiment/abc/", "/datax/"}) {
    EXPECT_FALSE(IsTensorBoardPath(page)) << page;
  }
}

TEST(MarkdownTest, LosesNoPartOfACellWithABar) {
  EXPECT_THAT(
      MarkdownToSafeHtml("| a | b |\n|---|---|\n| 1 | `x|y` |\n| \\| | z"),
      HasSubstr("<td>1</td>\n<td><code>x|y</code></td>\n</tr>\n<tr>\n<td>|</td>\n<td>z</td>"));
  EXPECT_THAT(MarkdownToSafeHtml("| a | b |\n|---|---|\n| `x | y |"),
              HasSubstr("<td>`x</td>\n<td>y</td>"));
  EXPECT_THAT(MarkdownToSafeHtml("| a |\n|---|\n| |\n"), HasSubstr("<td></td>"));
}

TEST(MarkdownTest, TakesUnderlinedHeadingsTitlesAndImages) {
  EXPECT_EQ(MarkdownToSafeHtml("a\n===\n\nb\n---\n"), "<h1>a</h1>\n<h2>b</h2>");
  EXPECT_EQ(MarkdownToSafeHtml("a\n= =\n"), "<p>a\n= =</p>");
  EXPECT_EQ(MarkdownToSafeHtml("[x](http://e.org \"t\")"), "<p><a href=\"http://e.org\">x</a></p>");
  EXPECT_EQ(MarkdownToSafeHtml("![x](http://e.org/i.png)"),
            "<p><a href=\"http://e.org/i.png\">x</a></p>");
  EXPECT_THAT(MarkdownToSafeHtml("![x](javascript:a())"), Not(HasSubstr("href")));
  EXPECT_THAT(MarkdownToSafeHtml("[x](http://e.org \" onload=\"a)"), Not(HasSubstr("href")));
  EXPECT_EQ(MarkdownToSafeHtml("a !"), "<p>a !</p>");
}

TEST(MarkdownTest, RendersTheCommonBlocks) {
  EXPECT_EQ(MarkdownToSafeHtml(""), "");
  EXPECT_EQ(MarkdownToSafeHtml("a\nb\n\nc"), "<p>a\nb</p>\n<p>c</p>");
  EXPECT_EQ(MarkdownToSafeHtml("## Two ##"), "<h2>Two</h2>");
  EXPECT_EQ(MarkdownToSafeHtml("- a\n- b"), "<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
  EXPECT_EQ(MarkdownToSafeHtml("1. a\n2. b"), "<ol>\n<li>a</li>\n<li>b</li>\n</ol>");
  EXPECT_EQ(MarkdownToSafeHtml("```py\nx < 1\n```"), "<pre><code>x &lt; 1\n</code></pre>");
  EXPECT_EQ(MarkdownToSafeHtml("    {\n    }"), "<pre><code>{\n}\n</code></pre>");
  EXPECT_EQ(MarkdownToSafeHtml("---"), "<hr>");
  EXPECT_EQ(MarkdownToSafeHtml("> q"), "<blockquote>\n<p>q</p>\n</blockquote>");
  EXPECT_EQ(MarkdownToSafeHtml("a|b\n-|-\n1|2"),
            "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n"
            "<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>");
}

// Each cell of a row that is too short is filled up: 4 KB of text were 10 MB of page.
TEST(MarkdownTest, FillsUpNoMoreCellsThanATextIsLong) {
  std::string text;
  for (int column = 0; column < 1000; ++column) text += "|";
  text += "\n|";
  for (int column = 0; column < 999; ++column) text += "-|";
  text += "\n";
  for (int row = 0; row < 1000; ++row) text += "x\n";
  const std::string html = MarkdownToSafeHtml(text);
  EXPECT_THAT(html, HasSubstr("<td>x</td>"));
  EXPECT_LT(html.size(), 30 * text.size());
  EXPECT_EQ(MarkdownToSafeHtml("a|b\n-|-\n1"),
            "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n"
            "<td>1</td>\n<td></td>\n</tr>\n</tbody>\n</table>");
}

TEST(MarkdownTest, RendersListsWithinLists) {
  // Each is what Python's Markdown makes of it, which TensorBoard uses.
  const std::pair<const char*, const char*> cases[] = {
      {"- a\n    - b\n- c", "<ul>\n<li>a<ul>\n<li>b</li>\n</ul>\n</li>\n<li>c</li>\n</ul>"},
      {"1. a\n    - b\n        * c\n2. d",
       "<ol>\n<li>a<ul>\n<li>b<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n</li>\n<li>d</li>\n</ol>"},
      {"- a\n    1. b\n    2. c", "<ul>\n<li>a<ol>\n<li>b</li>\n<li>c</li>\n</ol>\n</li>\n</ul>"},
      {"- a\n  - b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"},
      {"- a\n1. b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"},
      {"- a\n\n- b", "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>"},
      {"- a\n\n    - b\n\n    para\n\n- c",
       "<ul>\n<li>\n<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n<p>para</p>\n</li>\n"
       "<li>\n<p>c</p>\n</li>\n</ul>"},
      {"- a\n- b\n\npara", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>para</p>"},
  };
  for (const auto& [text, html] : cases) EXPECT_EQ(MarkdownToSafeHtml(text), html) << text;
  EXPECT_EQ(MarkdownToSafeHtml("- a\n    more\n- b"), "<ul>\n<li>a\nmore</li>\n<li>b</li>\n</ul>");
  EXPECT_EQ(MarkdownToSafeHtml("- a\n- - -\n"), "<ul>\n<li>a</li>\n</ul>\n<hr>");
}

TEST(MarkdownTest, RendersTheCommonSpans) {
  EXPECT_EQ(InlineMarkdown("*a* __b__ `c*d*`"), "<em>a</em> <strong>b</strong> <code>c*d*</code>");
  EXPECT_EQ(InlineMarkdown("snake_case_name 2 * 3 * 4"), "snake_case_name 2 * 3 * 4");
  EXPECT_EQ(InlineMarkdown("***a*** ___b___ ****c****"),
            "<strong><em>a</em></strong> <strong><em>b</em></strong> ****c****");
  EXPECT_EQ(InlineMarkdown("***a** b*"), "***a** b*");
  EXPECT_EQ(InlineMarkdown("\\*a\\*"), "*a*");
  EXPECT_EQ(InlineMarkdown("[**x**](https://a.b/?c&d)"),
            "<a href=\"https://a.b/?c&amp;d\"><strong>x</strong></a>");
}

TEST(MarkdownTest, LeavesOutNulAsTensorBoardDoes) {
  EXPECT_EQ(EscapeHtml(std::string_view("a\0<b", 4)), "a&lt;b");
  EXPECT_EQ(MarkdownToSafeHtml(std::string_view("a\0b", 3)), "<p>ab</p>");
}

TEST(MarkdownTest, LetsNoMarkupThrough) {
  for (const char* text :
       {"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))",
        "[x](https://a\" onclick=\"b)", "[x](JAVASCRIPT:alert)", "![x](https://a/b.png)", "`<b>`",
        "# <b>", "- <b>", "- a\n    - <b>", "- a\n\n    <b>", "|<b>|<i>|\n|-|-|\n|<b>|<i>|",
        "```\n<b>\n```", "    <b>", "> <b>", "[<b>](https://a)", "[x](data:text/html,<b>)",
        "*<b>*"}) {
    const std::string html = MarkdownToSafeHtml(text);
    for (const char* tag : {"<script", "<img", "<b>", "<i>", "onclick=\"", "href=\"javascript",
                            "href=\"JAVA", "href=\"data"}) {
      EXPECT_THAT(html, Not(HasSubstr(tag))) << text;
    }
  }
}

TEST(MarkdownTest, TakesLongAndHostileTextInLinearTime) {
  for (const char* piece : {"*",    "_", "`",         "[",       "](",           "> ",     "- ",
                            "**a",  "|", "#",         "\\",      "```\n",        "a\n\n",  "* *",
                            "[a](", "<", "- a\n    ", "- a\n\n", "- \n\n\n    ", "*a **b "}) {
    std::string text;
    while (text.size() < 200'000) text.append(piece);
    EXPECT_GE(MarkdownToSafeHtml(text).size() + MarkdownToSafeHtml("x" + text).size(), size_t{7});
  }
}

TEST(PatternTest, MatchesAsPythonDoesOnWhatBothKnow) {
  const auto pattern = Pattern::Compile("(?i)LOSS/\\w+");
  ASSERT_TRUE(pattern.ok());
  EXPECT_TRUE(pattern->MatchesStart("loss/train/extra"));
  EXPECT_FALSE(pattern->MatchesStart("my/loss/train"));
  EXPECT_TRUE(pattern->Finds("my/loss/train"));
  EXPECT_FALSE(Pattern::Compile("(").ok());
  EXPECT_FALSE(Pattern::Compile("(?<=a)b").ok());
  EXPECT_FALSE(Pattern::Compile("(((a{500}){500}){500})").ok());
}

TEST(PatternTest, KnowsTheLettersAndDigitsOfAllScripts) {
  for (const char* text : {"größe_2$", "\\w+$", "[\\w/]+$", "\\w{5}_\\d\\Z", "[^\\W]+$", "[]\\w]+$",
                           "\\D+", "[[]*\\w+$", "[^[]\\w+$"}) {
    const auto pattern = Pattern::Compile(text);
    ASSERT_TRUE(pattern.ok()) << text;
    EXPECT_EQ(pattern->MatchesStart("größe_2"), std::string_view(text) != "[^\\W]+$") << text;
  }
  EXPECT_FALSE(Pattern::Compile("\\W")->Finds("größe"));
  EXPECT_TRUE(Pattern::Compile("\\\\w")->MatchesStart("\\w"));
  EXPECT_TRUE(Pattern::Compile("\\d")->MatchesStart("\u0663"));  // an Arabic three
  EXPECT_FALSE(Pattern::Compile("a\\").ok());
}

TEST(PatternTest, DoesNotBacktrack) {
  const auto pattern = Pattern::Compile("(a*)*(a*)*(a*)*b");
  ASSERT_TRUE(pattern.ok());
  EXPECT_FALSE(pattern->Finds(std::string(100'000, 'a')));
}

TEST(BlobKeyTest, SurvivesARoundTripWithOddNames) {
  const BlobKey key{"e", "a/\xC3\xA4 \"b\"", "t\\\n", -7, 2};
  const auto decoded = DecodeBlobKey(EncodeBlobKey(key));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->run, key.run);
  EXPECT_EQ(decoded->tag, key.tag);
  EXPECT_EQ(decoded->step, -7);
  EXPECT_EQ(decoded->index, 2);
}

TEST(CompressorTest, InterpolatesQuantilesWithinBuckets) {
  const auto values = Compress({0, 0, {0, 1, 2}, {1, 1}});
  EXPECT_DOUBLE_EQ(values[0], 0);
  EXPECT_DOUBLE_EQ(values[4], 1);       // the median
  EXPECT_DOUBLE_EQ(values[1], 0.1336);  // 668 basis points
  EXPECT_DOUBLE_EQ(values[8], 2);
}

TEST(CompressorTest, TakesEmptyAndWeightlessHistograms) {
  EXPECT_DOUBLE_EQ(Compress({})[4], 0);
  EXPECT_DOUBLE_EQ(Compress({0, 0, {1, 2, 3}, {0, 0}})[4], 3);
  EXPECT_DOUBLE_EQ(Compress({0, 0, {1, 2, 3, 4}, {0, 5, 0}})[0], 1);
}

TEST(CompressorTest, HasNoQuantilesWhereACountIsNoNumber) {
  for (const double value : Compress({0, 0, {1, 2, 3}, {NAN, 1}})) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace spirogram::web::tensorboard
