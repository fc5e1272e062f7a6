"""Makes exact-references.json: what ONNX Runtime's exact mode answers for the quantized models beside the repository, on
their stored inputs. Run by hand where ../shared is; the tests read only the .json file.

    python3 make-exact-references.py FOLDER_OF_MODELS

Outputs up to 4096 bytes are kept whole (base64), larger ones as their SHA-256.
"""
import base64, hashlib, json, pathlib, sys
import numpy as np
import onnxruntime as ort

root = pathlib.Path(sys.argv[1])
TYPES = {'float32': np.float32, 'int8': np.int8, 'uint8': np.uint8, 'int32': np.int32, 'int64': np.int64}


def session(path, exact=True):
    so = ort.SessionOptions()
    if exact:
        so.add_session_config_entry('session.x64quantprecision', '1')
    so.log_severity_level = 3
    so.intra_op_num_threads = 1
    return ort.InferenceSession(str(path), so, providers=['CPUExecutionProvider'])


answer = {}
for golden in sorted(root.glob('*/golden/golden.json')):
    for vector in json.loads(golden.read_text())['vectors']:
        path = golden.parent.parent / vector['model']
        if path.suffix != '.onnx' or 'fp32' in path.name or not path.exists():
            continue
        feeds = {i['name']: np.fromfile(golden.parent / i['file'], TYPES[i['type']]).reshape(i['dims']) for i in vector['inputs']}
        try:
            s = session(path)
        except Exception:
            # Its rewriting to u8 fails on some graphs; on a CPU with VNNI the default mode is exact too.
            s = session(path, exact=False)
        if not any(q in n.op_type for n in __import__('onnx').load(path).graph.node for q in ('Quant', 'QLinear', 'Integer')):
            continue
        outs = s.run(None, feeds)
        answer[str(path.relative_to(root))] = {
            'inputs': [str((golden.parent / i['file']).relative_to(root)) for i in vector['inputs']],
            'outputs': [{'name': o.name, **({'base64': base64.b64encode(a.tobytes()).decode()} if a.nbytes <= 4096 else {'sha256': hashlib.sha256(a.tobytes()).hexdigest()})}
                        for o, a in zip(s.get_outputs(), outs)]}
        print(path.name, [a.shape for a in outs])
(pathlib.Path(__file__).parent / 'exact-references.json').write_text(json.dumps(answer, indent=1) + '\n')
