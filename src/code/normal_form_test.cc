#include "code/normal_form.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace treesmith {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

class SameForm : public ::testing::TestWithParam<Pair> {};
class OtherForm : public ::testing::TestWithParam<Pair> {};

TEST_P(SameForm, IsOneScript) {
  EXPECT_EQ(NormalForm(GetParam().first), NormalForm(GetParam().second));
}

TEST_P(OtherForm, IsAnotherScript) {
  EXPECT_NE(NormalForm(GetParam().first), NormalForm(GetParam().second));
}

INSTANTIATE_TEST_SUITE_P(
    NormalFormTest, SameForm,
    ::testing::Values(
        Pair("x = 1\nprint(x)\n", "# why\nx=1 # one\n\n\nprint( x )"),
        Pair("x = 1\nprint(x)\n", "total = 1\nprint(total)\n"),
        Pair("f(a, b)\n", "f(\n    a,\n    b,\n)\n"),
        Pair("x = (1 + 2)\n", "x = 1 + \\\n  2\n"),
        Pair("x = 'a'\n", "x = \"\"\"a\"\"\"\n"),
        Pair("x = 'ab'\n", "x = ('a'\n     'b')\n"),
        Pair("x = 1000\ny = .5\n", "x = 1_000\ny = 0.50\n"),
        Pair("if a: b()\n", "if a:\n\tb()\n"), Pair("a(); b()\n", "a()\nb()\n"),
        Pair("import numpy as np\nnp.mean(1)\n",
             "import numpy\nnumpy.mean(1)\n"),
        Pair("from a import b\nb()\n", "from a import (b as c,)\nc()\n"),
        Pair("def f(x):\n  y = x\n  return y\nf(1)\n",
             "def g(a):\n  '''What g does.'''\n  b = a\n  return b\ng(1)\n"),
        Pair("def f(x):\n  return x\ndef g(x):\n  return x\n",
             "def f(x):\n  return x\ndef g(y):\n  return y\n"),
        Pair("z = [i for i in y if i]\n", "z = [k for k in y if k]\n"),
        Pair("z = [x for x in x]\n", "z = [y for y in x]\n"),
        Pair("a, b = f()\n", "(c, d) = f()\n"),
        Pair("f'{a} b'\n", "f\"{a} b\"\n"),
        Pair("with f() as g:\n  g.h()\n", "with f() as i:\n  i.h()\n"),
        Pair("def f():\n  global n\n  n = 1\nf()\nprint(n)\n",
             "def f():\n  global m\n  m = 1\nf()\nprint(m)\n"),
        Pair("f(lambda u, v=w: u + v)\n", "f(lambda a, b=w: a + b)\n"),
        Pair("def f():\n  'doc'\n", "def f():\n  pass\n")));

INSTANTIATE_TEST_SUITE_P(
    NormalFormTest, OtherForm,
    ::testing::Values(
        Pair("x = 1\n", "x = 2\n"), Pair("x = 1000\n", "x = 1e3\n"),
        Pair("x = 'a'\n", "x = 'b'\n"), Pair("x = 'a'\n", "x = b'a'\n"),
        Pair("x = 'a b'\n", "x = 'a  b'\n"),
        Pair("x = '\\1' '1'\n", "x = '\\11'\n"),
        Pair("x = a\ny = b\n", "y = b\nx = a\n"), Pair("f(a=1)\n", "f(b=1)\n"),
        Pair("x.a()\n", "x.b()\n"), Pair("import a\n", "import b\n"),
        Pair("x[1]\n", "x[1,]\n"), Pair("x = (1)\n", "x = (1,)\n"),
        Pair("f(x)\n", "f(y)\n"), Pair("(a + b) * c\n", "a + b * c\n"),
        Pair("if a:\n  b()\nc()\n", "if a:\n  b()\n  c()\n"),
        // A parameter that a keyword names, two that change places.
        Pair("def f(a, b):\n  return a - b\nf(a=1, b=2)\n",
             "def f(b, a):\n  return b - a\nf(a=1, b=2)\n"),
        Pair("def f(a, b):\n  return a - b\nf(**{'a': 1, 'b': 2})\n",
             "def f(b, a):\n  return b - a\nf(**{'a': 1, 'b': 2})\n"),
        // Builtins that are shadowed in one place and used in another.
        Pair("def f():\n  max = 1\n  return max\nmax(x)\n",
             "def f():\n  min = 1\n  return min\nmin(x)\n"),
        // Names that text looks up.
        Pair("a = 1\nb = 2\nd.query('@a')\n", "b = 1\na = 2\nd.query('@a')\n"),
        Pair("f'{x:>{w}}'\n", "f'{x:<{w}}'\n"),
        Pair("class C:\n  a = 1\n", "class C:\n  b = 1\n"),
        Pair("a = b = 1\nf(a, b)\n", "a = b = 1\nf(b, a)\n")));

TEST(NormalFormTest, OfBrokenPythonIsItsText) {
  EXPECT_EQ(NormalForm("x = (\n"), "x = (\n");
}

}  // namespace
}  // namespace treesmith
