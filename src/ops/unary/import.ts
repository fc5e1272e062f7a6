import type { ImportContext, Importer, Importers } from '../../onnx/importer.js';
import { float32Input, fullRange, numericInputs } from '../arithmetic.js';
import { quantizedForm } from '../quantized-import.js';
import type { UnaryFunction } from './op.js';

function floatFunction(fn: UnaryFunction): Importer {
  return (cx) => {
    const x = float32Input(cx, 0);
    return cx.make('unary', { fn }, [x], x.type);
  };
}

/** Neg, Abs, Sign: integers by arithmetic with a constant, wrapping as integer arithmetic does. */
function signFunction(fn: 'neg' | 'abs' | 'sign'): Importer {
  return (cx) => {
    const [x] = numericInputs(cx, [cx.input(0)]);
    if (x.type.kind === 'float') return floatFunction(fn)(cx);
    const type = fullRange(x.type);
    const constant = (value: number) => cx.scalar(type, value);
    const negated = () => cx.make('binary', { fn: 'sub' }, [constant(0), x], type);
    if (fn === 'neg') return negated();
    if (fn === 'abs') return isUnsigned(type.element) ? x : cx.make('binary', { fn: 'max' }, [x, negated()], type);
    const atMost = cx.make('binary', { fn: 'min' }, [x, constant(1)], type);
    return isUnsigned(type.element) ? atMost : cx.make('binary', { fn: 'max' }, [atMost, constant(-1)], type);
  };
}

function isUnsigned(element: string): boolean {
  return element.startsWith('u');
}

/** Gelu since opset 20, and com.microsoft's. */
function gelu(cx: ImportContext) {
  const form = cx.attrs.oneOf('approximate', ['none', 'tanh'], 'none');
  return floatFunction(form === 'tanh' ? 'gelu-tanh' : 'gelu')(cx);
}

/** The function of x + bias. */
function biased(fn: UnaryFunction, isRequired: boolean): Importer {
  return (cx) => {
    const x = float32Input(cx, 0);
    const bias = isRequired ? cx.input(1) : cx.optional(1);
    const sum = bias === undefined ? x : cx.make('binary', { fn: 'add' }, [x, bias], x.type);
    return cx.make('unary', { fn }, [sum], x.type);
  };
}

export const importers: Importers = {
  'com.microsoft.BiasGelu': biased('gelu', true),
  'com.microsoft.FastGelu': biased('gelu-tanh', false),
  Neg: signFunction('neg'),
  Abs: signFunction('abs'),
  Sign: signFunction('sign'),
  Sqrt: floatFunction('sqrt'),
  Reciprocal: floatFunction('reciprocal'),
  Floor: floatFunction('floor'),
  Ceil: floatFunction('ceil'),
  Round: floatFunction('round'),
  Exp: floatFunction('exp'),
  Log: floatFunction('log'),
  Erf: floatFunction('erf'),
  Tanh: floatFunction('tanh'),
  Sigmoid: floatFunction('sigmoid'),
  'com.microsoft.QLinearSigmoid': quantizedForm(floatFunction('sigmoid')),
  Softplus: floatFunction('softplus'),
  Softsign: floatFunction('softsign'),
  Mish: floatFunction('mish'),
  HardSwish: floatFunction('hard-swish'),
  Gelu: gelu,
  Sin: floatFunction('sin'),
  Cos: floatFunction('cos'),
  Tan: floatFunction('tan'),
  Atan: floatFunction('atan'),
  'com.microsoft.Gelu': floatFunction('gelu'),
};
