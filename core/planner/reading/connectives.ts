// The words that hold a request together: conjunctions, negations, order, prepositions, fixed phrases. Looked up at a
// position in the token list, longest first.
import type { Lead } from './clause.ts';
import type { Token } from './tokens.ts';

export type Connective =
  | {
      readonly type:
        | 'and'
        | 'or'
        | 'then'
        | 'but'
        | 'filler'
        | 'reason'
        | 'relative'
        | 'condition'
        | 'soft-condition'
        | 'first'
        | 'before'
        | 'after'
        | 'once';
    }
  | { readonly type: 'negation'; readonly of: 'verb' | 'any' | 'except' | 'without' | 'instead' | 'protect' | 'skip' }
  | { readonly type: 'lead'; readonly lead: Lead };

const table = new Map<string, Connective>();
const put = (connective: Connective, phrases: string): void => {
  for (const phrase of phrases.split('|')) table.set(phrase, connective);
};

put({ type: 'and' }, 'and|plus|as well as|and also|along with|together with|also|n|und|and after|in addition to');
put({ type: 'or' }, 'or|either');
put(
  { type: 'then' },
  'then|and then|after that|after this|afterwards|afterward|followed by|next|and finally|finally|lastly|and afterwards|once done|once that is done|once thats done|once its done|once finished|when done|when thats done|when that is done|when its done|when finished|when youre done|and once done|and when done|after which|subsequently|and last|thereafter|and next|only then|and only then',
);
put({ type: 'but' }, 'but|however|yet|although|though');
put(
  { type: 'filler' },
  'it would be great if you could|would be great if you could|it would be nice if you could|would be nice if you could|it would be good to|would be good to|would be great to|would be nice to|i would appreciate it if you could|id appreciate it if you could|i would be grateful if you could|id be grateful if you could|any chance you could|is there any chance you could|is there a way to|if possible|if you can|if you could|if you dont mind|if thats ok|if thats okay|if that is ok|if you please|if you would|if it isnt already|if it is not already|if not already|if theyre not already|when you can|when possible|when you get a chance|when you have time|as soon as possible|as soon as you can|right now|right away|straight away|thank you|thanks a lot|thanks in advance|many thanks|go ahead and|dont forget to|do not forget to|dont hesitate to|make sure to|be sure to|remember to|not only|why not|no problem|no worries|for me|for us|for the team|for now|for once|for real|for good|to me|at all|at once|at least|of course|i think|i guess|i believe|by the way|btw|fyi|in fact|in the homelab please|one more time|once more|once again|would like to|id like to|i would like you to|up and running again|a bit|as well|how about|what about|maybe|for a change|on top of that|in order to|so as to|try to|try and|attempt to|proceed to|start by|begin by|end by|finish by|finish with|start with|begin with|my friend|at your convenience|good morning|good evening|good afternoon|its time to|it is time to|time to|on my behalf|as usual|as always|as before|as planned|as discussed|in question|all right|a lot|do me a favour and|do me a favor and|do me a favour|do me a favor|feel free to|is it possible to|would it be possible to|would you be so kind as to|be so kind as to|would you be able to|are you able to|be a dear and|from scratch|in one go|all together|at the same time|in parallel|one by one|one at a time|in turn|in that order|in this order|respectively|the following|as follows|with ansible|using ansible|via ansible|through ansible|the hell|for gods sake|for fucks sake|on it|over there',
);
put(
  { type: 'reason' },
  'because|since|cause|cuz|coz|due to|so that|as it|as its|as theyre|thanks to|given that|seeing that|so we can|so i can|so that we|so it|so its|that way|otherwise|or else',
);
put({ type: 'relative' }, 'which|who|whose|that is|that are|thats');
put(
  { type: 'soft-condition' },
  'if needed|if necessary|if required|when needed|when necessary|when required|as needed|where needed|where necessary|if it needs it|if need be|if applicable',
);
put(
  { type: 'condition' },
  'if|unless|until|whenever|in case|as long as|provided|assuming|depending on|only if|only when|while',
);
put(
  { type: 'first' },
  'first|firstly|first of all|first off|to start|to begin with|beforehand|before anything else|before that|before this|before doing that|before doing so|before doing this|prior to that',
);
put({ type: 'before' }, 'before|prior to|ahead of');
put({ type: 'after' }, 'after|following|having');
put({ type: 'once' }, 'once|when|as soon as|now that');

put(
  { type: 'negation', of: 'verb' },
  'do not|dont|never|must not|mustnt|should not|shouldnt|can not|cannot|cant|wont|will not|would not|wouldnt|no need to|not to|avoid|refrain from|please dont|need not|neednt|i dont want to|i dont want you to|we dont want to|dont want to|do not want to|does not need to|doesnt need to|dont need to|do not need to|no longer|not yet|stop short of|dont bother to|dont bother|dont go|lets not|dont you dare|dont ever|do not ever|no point in|without having to|there is no need to|isnt to be|not be|never ever',
);
put(
  { type: 'negation', of: 'any' },
  'not|but not|and not|nor|no|neither|just not|not the|not for|not including|dont want|do not want|i dont want|i dont need|we dont need|dont need|do not need',
);
put(
  { type: 'negation', of: 'except' },
  'except|except for|except on|excluding|apart from|other than|besides|aside from|minus|save for|with the exception of|but leave out|leaving out|but skip|ignoring|not counting|bar|barring|exclude|excepting|but exclude|but without|omitting|omit|but omit|leave out',
);
put({ type: 'negation', of: 'without' }, 'without|w/o|with no|and no|but no|sans|minus the');
put({ type: 'negation', of: 'instead' }, 'instead of|rather than|as opposed to|in place of');
put({ type: 'negation', of: 'skip' }, 'skip|skipping|forget about|forget|ignore|never mind|nevermind|no more');
put(
  { type: 'negation', of: 'protect' },
  'do not touch|dont touch|never touch|without touching|hands off|keep away from|stay away from|keep off|do not change|dont change|do not affect|dont affect|leave|and leave|but leave|do not include|dont include|spare|without affecting|not touching|dont mess with|keep your hands off',
);

put(
  { type: 'lead', lead: 'on' },
  'limited to|restricted to|limit to|limit it to|limit this to|on|onto|at|in|into|inside|within|across|over|against|under|on to|through|throughout|only on|just on|on only|also on|up on|out on|out to|over on|inside of|on all of|towards|around|in on',
);
put({ type: 'lead', lead: 'to' }, 'to|over to|only to|just to|across to');
put({ type: 'lead', lead: 'from' }, 'from|off|off of|out of|away from|only from|just from');
put({ type: 'lead', lead: 'for' }, 'for|regarding|concerning|about|only for|just for');
put({ type: 'lead', lead: 'of' }, 'of|belonging to|owned by');
put(
  { type: 'lead', lead: 'with' },
  'with|using|where|set to|via|and use|use|passing|with the|and with|but with|only with|given|and set|but set|and make|and using|but use|setting',
);
put({ type: 'lead', lead: 'as' }, 'as');
put({ type: 'lead', lead: 'by' }, 'by');
put(
  { type: 'lead', lead: 'named' },
  'named|called|and call it|call it|titled|known as|and name it|name it|labelled|labeled',
);

const longest = Math.max(...[...table.keys()].map((phrase) => phrase.split(' ').length));

/** The connective that begins at a token, and how many tokens it takes. */
export function connectiveAt(
  tokens: readonly Token[],
  at: number,
): { readonly connective: Connective; readonly length: number; readonly said: string } | null {
  const words: string[] = [];
  for (let length = 1; length <= longest; length += 1) {
    const token = tokens[at + length - 1];
    if (token === undefined || token.kind !== 'word') break;
    words.push(token.word);
  }
  for (let length = words.length; length > 0; length -= 1) {
    const said = words.slice(0, length).join(' ');
    const connective = table.get(said);
    if (connective !== undefined) return { connective, length, said };
  }
  return null;
}
