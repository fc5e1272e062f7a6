# Correctly rounded float32 results of the float functions, from mpmath with 60 digits. The tests read what it wrote:
#   python3 test/quant/float-vectors.py 40 1 > test/quant/float-vectors.txt
# A line: function, alpha, beta, argument(s), result; floats as their bits.
import struct, random, sys
import mpmath as mp
mp.mp.dps = 60
N = int(sys.argv[1]); SEED=int(sys.argv[2])
def f32bits(x): return struct.unpack('<I', struct.pack('<f', x))[0]
def ofbits(b): return struct.unpack('<f', struct.pack('<I', b))[0]
def r32(x): return ofbits(f32bits(x))
def round32(v):
    """mpf -> bits of the nearest float32, ties to even."""
    if mp.isnan(v): return 0x7fc00000
    sign = 0x80000000 if v < 0 else 0
    v = abs(v)
    if v == 0: return sign
    e = int(mp.floor(mp.log(v, 2)))
    while v >= mp.mpf(2) ** (e + 1): e += 1
    while v < mp.mpf(2) ** e: e -= 1
    e = max(e, -126)
    q = v / mp.mpf(2) ** (e - 23)
    n = int(mp.floor(q)); d = q - n
    if d > 0.5 or (d == 0.5 and n & 1): n += 1
    if n >= 1 << 24: n >>= 1; e += 1
    if e > 127: return sign | 0x7f800000
    return sign | (n if n < 1 << 23 else ((e + 127) << 23) | (n - (1 << 23)))
half = mp.mpf(1) / 2
def pw(x, y):
    return mp.power(mp.mpf(x), mp.mpf(y)) if x > 0 or y == int(y) else mp.nan
F = {
 'sqrt': lambda x, a, b: mp.sqrt(x) if x >= 0 else mp.nan,
 'exp': lambda x, a, b: mp.exp(x),
 'log': lambda x, a, b: mp.log(x) if x > 0 else mp.nan,
 'erf': lambda x, a, b: mp.erf(x),
 'tanh': lambda x, a, b: mp.tanh(x),
 'sigmoid': lambda x, a, b: 1 / (1 + mp.exp(-x)),
 'softplus': lambda x, a, b: mp.log1p(mp.exp(x)) if x < 60 else x + mp.log1p(mp.exp(-x)),
 'softsign': lambda x, a, b: x / (1 + abs(x)),
 'mish': lambda x, a, b: x * mp.tanh(mp.log1p(mp.exp(x))),
 'gelu': lambda x, a, b: x * half * mp.erfc(-x / mp.sqrt(2)),
 'gelu-tanh': lambda x, a, b: x / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf('0.044715') * x ** 3))),
 'hard-swish': lambda x, a, b: x * max(mp.mpf(0), min(mp.mpf(1), x / 6 + half)),
 'elu': lambda x, a, b: x if x >= 0 else a * mp.expm1(x),
 'celu': lambda x, a, b: x if x >= 0 else a * mp.expm1(x / a),
 'selu': lambda x, a, b: b * x if x > 0 else b * a * mp.expm1(x),
 'hard-sigmoid': lambda x, a, b: max(mp.mpf(0), min(mp.mpf(1), a * x + b)),
 'swish': lambda x, a, b: x / (1 + mp.exp(-a * x)),
}
P = {'celu': (r32(0.7), 0), 'elu': (r32(1.3), 0), 'selu': (r32(1.67326319217681884765625), r32(1.05070102214813232421875)), 'hard-sigmoid': (r32(0.2), 0.5), 'swish': (r32(1.702), 0)}
rng = random.Random(SEED)
def arg(name):
    k = rng.randrange(4)
    if name in ('log', 'sqrt'):
        return rng.choice([ofbits(rng.randrange(1, 0x7f800000)), r32(rng.uniform(0.5, 2)), r32(1 + rng.uniform(-1, 1) * 2.0 ** -rng.randrange(1, 22)), float(rng.randrange(1, 1000))])
    if k == 0: return r32(rng.uniform(-1, 1) * 2.0 ** -rng.randrange(0, 30))
    if k == 1: return r32(rng.uniform(-5, 5))
    if k == 2: return r32(rng.uniform(-16, 16))
    return r32(rng.uniform(-100, 100))
out = []
for name, f in F.items():
    a, b = P.get(name, (0, 0))
    for _ in range(N):
        x = arg(name)
        out.append('%s %08x %08x %08x %08x' % (name, f32bits(a), f32bits(b), f32bits(x), round32(f(mp.mpf(x), mp.mpf(a), mp.mpf(b)))))
for _ in range(2 * N):
    k = rng.randrange(3)
    x, y = [(r32(rng.uniform(-9, 9)), float(rng.randrange(-9, 17))), (r32(rng.uniform(0, 10)), r32(rng.uniform(-30, 30))), (float(rng.randrange(1, 5000)), float(rng.randrange(-2, 4)))][k]
    out.append('pow %08x %08x %08x %08x' % (0, 0, f32bits(x), f32bits(y)) + ' %08x' % round32(pw(x, y)))
print('\n'.join(out))
