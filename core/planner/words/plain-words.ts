// Words that say nothing about what is to be done, or about what: function words, politeness, and nouns so general
// that every action has them. Kept as plain lists; the planner's other stages ask only "is this word one of these?".

const list = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word.length > 0));

export const determiners = list(`the a an my our your this that these those some its their his her any each every`);

/** Said out of politeness or habit, around what is wanted. */
export const fillers = list(`
  please pls plz plese kindly could can would will shall might may you u ya i we us me they id ill im ive youd wed lets let
  want wanna wants need needs like gonna gotta going hey hi hello yo dear chiffon bot ok okay k alright right
  so well now just quickly quick asap immediately directly simply thanks thank thx ty cheers maybe perhaps
  actually really basically mate man folks guys team go ahead again also too as well then there here get do
  hmm um uh er ah oh sorry sure yeah yes yep appreciate appreciated grateful kind mind help wish love
  today finally someone somebody anyone anybody lastly next additionally afterwards afterward besides currently already still once
  freshly properly correctly safely carefully manually yourself myself ourselves able possible both everybody everyone
  be is are was were been being am has have had does did should must ought it them`);

/** Nouns that name no thing in particular; as words of a name they weigh little. */
export const genericNouns = list(`
  host hosts server servers machine machines box boxes node nodes vm vms computer computers device devices
  service services app apps application applications container containers stack stacks instance instances
  playbook playbooks role roles job jobs task tasks thing things stuff software program tool component components
  system systems os infrastructure infra environment env setup deployment installation install version
  homelab lab home-lab network site everything anything all whole entire item one ones copy name action actions program programs tag tags`);

/** Adjectives and nouns that may stand beside a name and change nothing. */
export const fillAdjectives = list(`
  new latest newest fresh current existing own local full entire whole complete good nice little main same
  recent stable official usual normal regular default proper running up-to-date other remaining all every bit time second minute moment
  way favour favor chance hand sake quick lovely poor old unused stale dangling outdated obsolete`);

/** Words that mean the machines themselves: an action about these takes its object from the place that is named. */
export const machineNouns = list(`
  host hosts server servers machine machines box boxes node nodes vm vms computer computers system systems os
  package packages apt everything all infrastructure lab homelab software environment fleet`);

/** Everyday words that are never a slip for a name. */
export const everydayWords = list(`
  about above access account actual after alone always another anyone area around avoid away back bad bank bar base bash
  basic beer best better big bill bit black blank blue board body book boot boss both bottom bread break bright bring
  broken brown browser build burn bus business button buy cake call camera car card care case cat cause change chat cheap
  check child city clean clear client clock close cloud code coffee cold color colour come command common company cook cool
  core cost count country couple cover create cup customer cut daily dark data date day dead deal deep delay demo desk
  detail dev dinner disk doc dog door down draft draw dream drink drive drop dry dumb early earth easy eat edge edit else
  email end energy enough entry error event ever exact example eye face fact fail fair fall family far fast fat fault
  fear feature feel few field fight file film final find fine fire first fish fit five fix flat floor flow fly food foot
  force form forward four frame free fresh friend front fuel fun game garden gate gift girl give glass global goal gold
  good great green grey ground group grow guess guest guide hair half hall hard head health hear heart heat heavy high hold
  hole home hope horse hot hour house huge human hurry ice idea image inside issue key kid king kitchen lamp land large last
  late laugh law lead learn leave left less level lie life light limit line link list live load lock log long look loop
  lose loss lost lot loud love low luck lunch mail main make map mark market master match mean meat meet memory menu mess
  metal middle milk mind mine minute miss mode model money month moon more morning most mouse move movie much music must
  naked near neat neck net never news next nice night nine noise none noon north note nothing notice number object odd off
  offer office often oil old open order other over owner page pain paint paper park part party pass past path pause pay
  peace pen people person phone photo pick picture piece pig pin pink pizza place plain plan plane plant plate play plug
  pocket point police pool poor port post power press price print prod problem process product project public pull pure
  push put quality question queue quick quiet quite race rack rain random range rare rate raw read ready real reason red
  reply report request rest result rice rich ride ring risk river road rock roll room root round row rule run safe sale
  salt sandwich save say scale scan scene school score screen sea search season seat second secret section secure see sell
  send set seven shape share sharp ship shirt shop short show shut side sign simple sing single sink sit six size skin
  sky sleep slow small smart smell smile snow soft some song soon sort sound source south space speak speed spend spot
  spring stack staff stage star start state stay steal step stick still stone stop storage store storm story street
  strong student style such sugar suit summer sun swap sweet table tail take talk tall tape taste tax tea teach tell ten
  term test text thin think third three throw ticket tidy tie tight time tiny tired title today toe tomorrow tone tonight
  took tool top total touch tour town toy track trade traffic train trash travel tree trial trick trip truck true trust
  truth try turn twice two type ugly under unit upper upset usage use user usual value van vast very video view visit voice
  volume wait walk wall war warm wash waste watch water wave weak wear weather web week weekend weight west wet wheel white
  whole wide wife wild wind window wine wing winter wire wise wish woman wonder wood word work world worry worse worth write
  wrong yard year yellow yesterday young zero zone
  instead already although among amount another answer anything anyway apart appear article attention become before begin behind
  believe below between beyond brother brought careful carry certain choice choose circle clearly collect compare complain concern
  consider contact contain continue control corner correct course cross current danger decide degree deliver depend describe desire
  different difficult direct distance district double during either employ entire equal escape evening evidence exactly except
  expect expensive explain express famous favour figure finger finish follow foreign forget forgive frequent gather general gentle
  grateful happen happy hardly history holiday hospital however hungry husband important increase indeed inform inside
  interest island itself journey kitchen knowledge language latter lesson letter listen little machine maybe measure
  member mention message mistake moment mother mountain narrow nature nearly necessary neighbour neither nobody normal notice
  opinion opposite ordinary otherwise outside parent particular perhaps perfect permit pleasant please pocket position possible
  practice prefer prepare present pretty prevent private probable promise proper protect provide purpose quarter rather reach
  realise reason receive recent recognise recommend refuse regard regular remain remember remind repeat replace require respect
  result return safety scarce science search secret select separate serious several should shoulder silence simple since slowly
  society somebody something sometimes speech station steady strange student subject succeed sudden suggest support suppose
  surprise system teacher themselves therefore though thought thousand through together towards trouble understand unless until
  useful usually various village visitor weather welcome whatever whenever whether window without wonder worried yourself`);

/** True for a word that carries no meaning of its own in a request. */
export function isPlain(word: string): boolean {
  return determiners.has(word) || fillers.has(word);
}
